#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "runs/commands.hpp"
#include "sim/error.hpp"

namespace foldback {
namespace {

namespace fs = std::filesystem;

// The script stands in the source tree (build/PRESET/foldback) or is installed (PREFIX/bin/foldback).
fs::path plotting_script() {
    const fs::path program = fs::read_symlink("/proc/self/exe");
    for (const fs::path& place : {program.parent_path() / "../share/foldback/analysis/plot.py", program.parent_path() / "../../analysis/plot.py"})
        if (fs::exists(place)) return fs::canonical(place);
    throw FileError(program.filename().string() + ": the plotting script analysis/plot.py is neither in the source tree nor installed beside the "
                    "program; install foldback with `cmake --install`");
}

std::string python() {
    const char* chosen = std::getenv("FOLDBACK_PYTHON");
    return chosen && *chosen ? chosen : "/usr/bin/python3";
}

int run_and_wait(std::vector<std::string> words) {
    std::vector<char*> arguments;
    for (auto& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    const pid_t child = fork();
    if (child < 0) throw FileError(std::string("the plotting script cannot be started: ") + std::strerror(errno));
    if (child == 0) {
        execvp(arguments[0], arguments.data());
        _exit(127);
    }
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {}
    return WIFEXITED(status) ? WEXITSTATUS(status) : 5;
}

}  // namespace

int plot_command(const PlotOptions& options) {
    (void)open_foldback_file(options.file, false);
    const fs::path folder = options.output.empty() ? fs::absolute(options.file).parent_path() : options.output;
    std::vector<std::string> words{python(), plotting_script().string(), options.file.string(), "--figure", options.figure,
                                   "--output", folder.string(), "--format", options.format};
    words.insert(words.end(), options.passed_on.begin(), options.passed_on.end());
    const int code = run_and_wait(words);
    if (code == 127)
        throw FileError(python() + ": cannot be run; install it (Debian: python3 python3-h5py python3-matplotlib) or name another Python in "
                        "$FOLDBACK_PYTHON");
    return code;
}

}  // namespace foldback
