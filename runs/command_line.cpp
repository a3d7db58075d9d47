#include "runs/command_line.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <thread>

#include "runs/commands.hpp"
#include "runs/file_contents.hpp"
#include "runs/interrupt.hpp"
#include "sim/build_info.hpp"
#include "sim/error.hpp"
#include "sim/nearest_name.hpp"

namespace foldback {
namespace {

constexpr const char* exit_codes =
    "Exit codes: 0 fine; 1 a claim is violated; 2 the command line or configuration is wrong; 3 a file or device failed;\n"
    "4 (--strict) something inconclusive or nothing resolved; 5 an internal error; 130, 143 interrupted, resumable.";

struct Parsed {
    RunOptions run;
    VerifyCommandOptions verify;
    InspectOptions inspect;
    CheckOptions check;
    PlotOptions plot;
    std::string list_what, isa = "best";
    std::string claims;
    bool list_json = false, no_verify = false;
    int threads = 0, lanes = 0;
    std::vector<std::string> words;  // the command line
};

std::string quoted(const std::string& word) {
    const bool plain = !word.empty() && word.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./=+,:@%") == std::string::npos;
    if (plain) return word;
    std::string text = "'";
    for (char c : word) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return text + "'";
}

// The same command, going on instead of starting over.
std::string resume_command(const std::vector<std::string>& words) {
    std::string line;
    for (const auto& word : words)
        if (word != "--resume") line += (line.empty() ? "" : " ") + quoted(word);
    return line + " --resume";
}

int threads_of(const Parsed& p) { return p.threads > 0 ? p.threads : int(std::max(1U, std::thread::hardware_concurrency())); }

Machinery machinery_of(const Parsed& p) {
    Machinery m;
    m.threads = threads_of(p);
    m.lanes = p.lanes;
    m.isa = best_isa();
    for (Isa isa : {Isa::host, Isa::baseline, Isa::avx2, Isa::avx512})
        if (p.isa == name(isa)) m.isa = isa;
    if (!supported(m.isa)) throw ConfigError("--isa " + p.isa + ": this processor lacks it; the best it has is " + std::string(name(best_isa())));
    return m;
}

void add_threads(CLI::App& app, Parsed& p) {
    app.add_option("--threads", p.threads, "threads (default: all processors); changes no result")->check(CLI::Range(1, 4096));
}

// A model that is not compiled for the chosen instruction set (a user's own has one) runs on the one it has.
void add_machinery(CLI::App& app, Parsed& p) {
    add_threads(app, p);
    app.add_option("--isa", p.isa, "instruction set: best, baseline, avx2, avx512; changes no result")
        ->check(CLI::IsMember({"best", "host", "baseline", "avx2", "avx512"}));
    app.add_option("--lanes", p.lanes, "replicas side by side: 1, or 0 for the widest; changes no result")->check(CLI::Range(0, 8));
}

void add_run(CLI::App& app, Parsed& p) {
    auto* verb = app.add_subcommand("run", "simulate, verify, write one HDF5 file");
    verb->footer(std::string("Example: foldback run runs/quickstart.toml --set model.lambda=0.3 -o /tmp/b.h5\n") + exit_codes);
    verb->add_option("configuration", p.run.configuration, "the run, a TOML file")->required();
    verb->add_option("-o,--output", p.run.output, "the file to write (default: out/NAME.h5 beside the configuration)");
    verb->add_option("--set", p.run.overrides, "override a setting: --set model.lambda=0.3 (repeatable)")->take_all()->allow_extra_args(false);
    add_machinery(*verb, p);
    verb->add_flag("--resume", p.run.resume, "go on with an interrupted run's .part");
    verb->add_flag("--force", p.run.force, "replace an existing output, or start a .part over");
    verb->add_flag("--no-verify", p.no_verify, "only simulate: evaluate no claims, record nothing for them");
    verb->add_flag("--strict", p.run.strict, "exit with the claims' code, as verify --strict");
    verb->add_flag("--quiet", p.run.quiet, "print nothing but errors");
    verb->add_flag("--allow-version-change", p.run.allow_version_change, "resume what another version of foldback began");
}

// CLI::Range lets NaN pass.
std::string not_nan(const std::string& text) { return text.find("nan") == std::string::npos && text.find("NAN") == std::string::npos && text.find("NaN") == std::string::npos ? "" : "must be a number"; }

void add_verify(CLI::App& app, Parsed& p) {
    auto* verb = app.add_subcommand("verify", "evaluate the claims of a finished file; reads only, never simulates");
    verb->footer(std::string("Example: foldback verify runs/out/quickstart.h5 --claims backward-limit,forward-floor\n") + exit_codes);
    verb->add_option("file", p.verify.file, "a file that run wrote")->required();
    verb->add_option("--claims", p.claims, "only these, separated by commas; the level of each test stays the file's");
    verb->add_option("--alpha", p.verify.alpha, "error probability of the whole file (default: the run's)")->check(CLI::Range(1e-12, 0.5))->check(not_nan);
    add_threads(*verb, p);
    verb->add_flag("--strict", p.verify.strict, "exit 4 when something is inconclusive or nothing is resolved");
    verb->add_option("--save", p.verify.save, "write this evaluation to a file of its own");
    verb->add_flag("--json", p.verify.json, "print JSON");
}

void add_others(CLI::App& app, Parsed& p) {
    auto* inspect = app.add_subcommand("inspect", "what a file holds and how it was made; a .part, too");
    inspect->footer("Example: foldback inspect runs/out/quickstart.h5");
    inspect->add_option("file", p.inspect.file, "a file that run wrote")->required();
    inspect->add_flag("--json", p.inspect.json, "print JSON");

    auto* check = app.add_subcommand("check", "plan a run without running it: size, memory, time, which claims apply and why not");
    check->footer("Example: foldback check runs/quickstart.toml --set ensemble.replicas=1_000_000");
    check->add_option("configuration", p.check.configuration, "the run, a TOML file")->required();
    check->add_option("--set", p.check.overrides, "override a setting (repeatable)")->take_all()->allow_extra_args(false);
    add_machinery(*check, p);
    check->add_flag("--json", p.check.json, "print JSON");

    auto* plot = app.add_subcommand("plot", "draw the standard figures of a finished file (matplotlib; $FOLDBACK_PYTHON)");
    plot->footer("Example: foldback plot runs/out/quickstart.h5 --figure limit --format pdf");
    plot->add_option("file", p.plot.file, "a file that run wrote")->required();
    plot->add_option("--figure", p.plot.figure, "paths, cloud, limit, law, wasserstein, loss, descent, ode, passes, phase, verdicts or all");
    plot->add_option("--format", p.plot.format, "svg, png or pdf")->check(CLI::IsMember({"svg", "png", "pdf"}));
    plot->add_option("--output", p.plot.output, "the folder for the pictures (default: the file's)");
    plot->allow_extras();

    auto* list = app.add_subcommand("list", "what there is: models, claims, orders, observables");
    list->footer("Example: foldback list models");
    list->add_option("what", p.list_what, "models, claims, orders or observables")->required();
    list->add_flag("--json", p.list_json, "print JSON");
}

std::vector<std::string> split(const std::string& text) {
    std::vector<std::string> parts;
    for (std::size_t begin = 0; begin <= text.size() && !text.empty();) {
        const std::size_t end = std::min(text.find(',', begin), text.size());
        if (end > begin) parts.push_back(text.substr(begin, end - begin));
        begin = end + 1;
    }
    return parts;
}

std::string version_text() {
    const BuildInfo& b = build_info();
    return fmt::format("foldback {} ({}{}, {})", b.version, std::string(b.git_revision).substr(0, 12), b.git_dirty ? ", changed" : "", b.compiler);
}

int dispatch(CLI::App& app, Parsed& p, const std::string& line, const ModelRegistry& models) {
    if (app.got_subcommand("run")) {
        p.run.machinery = machinery_of(p);
        p.run.verify = !p.no_verify;
        p.run.command_line = line;
        p.run.resume_command = resume_command(p.words);
        return run_command(p.run, models);
    }
    if (app.got_subcommand("verify")) {
        p.verify.claims = split(p.claims);
        p.verify.threads = threads_of(p);
        p.verify.command_line = line;
        return verify_command(p.verify, models);
    }
    if (app.got_subcommand("inspect")) return inspect_command(p.inspect, models);
    if (app.got_subcommand("check")) {
        p.check.machinery = machinery_of(p);
        return check_command(p.check, models);
    }
    if (app.got_subcommand("plot")) {
        p.plot.passed_on = app.get_subcommand("plot")->remaining();
        return plot_command(p.plot);
    }
    return list_command(p.list_what, p.list_json, models);
}

int fail(int code, const std::string& message) {
    fmt::print(stderr, "foldback: {}\n", message);
    return code;
}

}  // namespace

int command_line(int argc, char** argv, const ModelRegistry& models) {
    CLI::App app("foldback: random maps composed forward and backward, and theory checked against what is seen");
    app.name("foldback");
    app.footer(std::string("Each verb has --help with an example.\n") + exit_codes);
    app.set_version_flag("--version", version_text());
    app.require_subcommand(1);
    Parsed parsed;
    parsed.words.assign(argv, argv + argc);
    add_run(app, parsed);
    add_verify(app, parsed);
    add_others(app, parsed);
    std::vector<std::string> verbs;
    for (const auto* verb : app.get_subcommands({})) verbs.push_back(verb->get_name());
    if (argc > 1 && argv[1][0] != '-' && std::find(verbs.begin(), verbs.end(), argv[1]) == verbs.end()) {
        return fail(2, "unknown verb '" + std::string(argv[1]) + "'; " + suggestion(argv[1], verbs));
    }
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& e) {
        if (e.get_exit_code() == 0) return app.exit(e);  // --help, --version
        return fail(2, std::string(e.what()) + " (see foldback --help)");
    }
    try {
        return dispatch(app, parsed, without_paths(std::vector<std::string>(argv, argv + argc)), models);
    } catch (const ConfigError& e) {
        return fail(2, e.what());
    } catch (const FileError& e) {
        return fail(3, e.what());
    } catch (const Interrupted& e) {
        return 128 + e.signal;
    } catch (const std::filesystem::filesystem_error& e) {
        return fail(3, e.what());
    } catch (const std::bad_alloc&) {
        return fail(3, "not enough memory; `foldback check` tells what a run needs");
    } catch (const std::exception& e) {
        return fail(5, std::string("internal error: ") + e.what());
    }
}

}  // namespace foldback
