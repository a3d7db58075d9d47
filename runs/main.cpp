#include "models/registry.hpp"
#include "runs/command_line.hpp"

int main(int argc, char** argv) { return foldback::command_line(argc, argv, foldback::builtin_models()); }
