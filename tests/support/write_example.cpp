#include <cstring>
#include <iostream>

#include "sim/error.hpp"
#include "tests/support/example_file.hpp"

// write_example FILE [--resume] [--force] [--interrupt]: writes the example file, block by block, as a run would;
// --interrupt ends it after three blocks.
int main(int argc, char** argv) {
    using namespace foldback;
    if (argc < 2) return 2;
    bool resume = false;
    bool force = false;
    bool interrupt = false;
    for (int i = 2; i < argc; ++i) {
        resume = resume || std::strcmp(argv[i], "--resume") == 0;
        force = force || std::strcmp(argv[i], "--force") == 0;
        interrupt = interrupt || std::strcmp(argv[i], "--interrupt") == 0;
    }
    try {
        auto file =
            resume ? OutputFile::resume(argv[1], force) : OutputFile::create(argv[1], example::layout(4096), force);
        for (std::size_t block = 0; block < file.blocks(); ++block) {
            if (interrupt && block == 3) return 130;
            if (!file.block_done(block)) example::compute_block(file, block);
        }
        std::cout << example::finish(file) << '\n';
        file.publish();
    } catch (const FileError& error) {
        std::cerr << error.what() << '\n';
        return 3;
    } catch (const std::exception& error) {
        std::cerr << error.what() << '\n';
        return 5;
    }
}
