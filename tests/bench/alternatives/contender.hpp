#pragma once
// The protocol of tests/bench/contenders.py: PROGRAM REPLICAS STEPS SEED [MORE]...; for every line on standard input one
// round, answered by one line of JSON: its processor time, and the moments of the final states.
#include <time.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

struct Arguments {
    std::size_t replicas, steps;
    std::uint64_t seed;
    std::vector<std::string> more;
};

inline double processor_seconds() {
    timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return double(t.tv_sec) + 1e-9 * double(t.tv_nsec);
}

inline std::vector<double> read_doubles(const std::string& path) {
    std::ifstream file(path, std::ios::binary | std::ios::ate);
    if (!file) {
        std::cerr << path << ": cannot be read\n";
        std::exit(3);
    }
    std::vector<double> numbers(std::size_t(file.tellg()) / sizeof(double));
    file.seekg(0);
    file.read(reinterpret_cast<char*>(numbers.data()), std::streamsize(numbers.size() * sizeof(double)));
    return numbers;
}

/// Rows of `columns` features, then the targets.
struct Data {
    Data(const std::string& path, std::size_t columns_)
        : columns(columns_), numbers(read_doubles(path)), rows(numbers.size() / (columns_ + 1)) {}
    const double* x(std::size_t row) const { return &numbers[row * columns]; }
    double y(std::size_t row) const { return numbers[rows * columns + row]; }

    std::size_t columns;
    std::vector<double> numbers;
    std::size_t rows;
};

inline void print_list(const char* name, const std::vector<double>& values) {
    std::printf(", \"%s\": [", name);
    for (std::size_t i = 0; i < values.size(); ++i) std::printf("%s%.17g", i ? ", " : "", values[i]);
    std::printf("]");
}

/// Central moments with divisor `replicas`, component by component, of states (replica, component).
inline void print_round(double seconds, const std::vector<double>& states, std::size_t replicas) {
    const std::size_t d = states.size() / replicas;
    std::vector<double> mean(d), variance(d), fourth(d);
    for (std::size_t r = 0; r < replicas; ++r)
        for (std::size_t i = 0; i < d; ++i) mean[i] += states[r * d + i] / double(replicas);
    for (std::size_t r = 0; r < replicas; ++r)
        for (std::size_t i = 0; i < d; ++i) {
            const double square = (states[r * d + i] - mean[i]) * (states[r * d + i] - mean[i]);
            variance[i] += square / double(replicas);
            fourth[i] += square * square / double(replicas);
        }
    std::printf("{\"seconds\": %.9g, \"replicas\": %zu", seconds, replicas);
    print_list("mean", mean);
    print_list("variance", variance);
    print_list("fourth", fourth);
    std::printf("}\n");
    std::fflush(stdout);
}

/// prepare(arguments) returns the work of one round: round(states), which fills states (replica, component).
template <class Prepare>
int serve(int count, char** words, Prepare prepare) {
    if (count < 4) {
        std::cerr << "usage: " << words[0] << " REPLICAS STEPS SEED [MORE]...\n";
        return 2;
    }
    Arguments arguments{std::stoull(words[1]), std::stoull(words[2]), std::stoull(words[3]), {words + 4, words + count}};
    auto round = prepare(arguments);
    std::vector<double> states;
    for (std::string line; std::getline(std::cin, line);) {
        const double begin = processor_seconds();
        round(states);
        print_round(processor_seconds() - begin, states, arguments.replicas);
    }
    return 0;
}
