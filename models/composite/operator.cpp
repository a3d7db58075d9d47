#include "models/composite/operator.hpp"

#include <array>
#include <cmath>

#include "sim/range.hpp"
#include "sim/settings.hpp"

namespace foldback {
namespace {

constexpr std::array<const char*, 10> names{"linear",        "tanh",    "softplus", "relu",     "residual",
                                            "normalisation", "readout", "squared",  "logistic", "softmax"};

const std::vector<std::string>& kinds() {
    static const std::vector<std::string> all(names.begin(), names.end());
    return all;
}

OperatorKind read_kind(Settings& table) {
    const std::string word = table.word("kind", kinds());
    for (std::size_t k = 0; k < names.size(); ++k)
        if (word == names[k]) return OperatorKind(k);
    return OperatorKind::linear;
}

std::string widths(std::size_t in, std::size_t out) { return std::to_string(in) + " -> " + std::to_string(out); }

void read_matrix(Settings& table, Operator& f) {
    const Matrix matrix = table.matrix("matrix");
    if (std::size_t(matrix.cols) != f.in)
        throw table.wrong("matrix", "has " + std::to_string(matrix.cols) + " columns",
                          "what comes in has width " + std::to_string(f.in));
    f.out = std::size_t(matrix.rows);
    f.matrix = matrix.data;
}

void read_dense(Settings& table, double gain, Operator& f) {
    f.gain = table.number("gain", 1.0, Range::positive()) * gain;
    if (f.kind == OperatorKind::linear && table.has("matrix")) return read_matrix(table, f);
    const IntegerRange width = IntegerRange::between(1, 100'000);
    f.out = std::size_t(f.kind == OperatorKind::residual ? table.integer("width", std::int64_t(f.in), width)
                                                          : table.integer("width", width));
    if (f.kind == OperatorKind::residual && f.out != f.in)
        throw table.wrong("width", "is " + std::to_string(f.out),
                          "a residual operator adds to what comes in, which has width " + std::to_string(f.in));
    f.bias = table.flag("bias", false);
}

void read_loss(Settings& table, std::size_t columns, std::size_t classes, Operator& f) {
    f.out = 1;
    const std::string comes = "what comes in has width " + std::to_string(f.in), before = ": put an operator of width ";
    switch (f.kind) {
        case OperatorKind::readout:
            f.direction = table.vector("direction", std::vector<double>(f.in, 1 / std::sqrt(double(f.in))), Range::any());
            if (f.direction.size() != f.in)
                throw table.wrong("direction", "has length " + std::to_string(f.direction.size()), comes);
            break;
        case OperatorKind::squared:
            f.features_target = table.word("target", {"target", "features"}, "target") == "features";
            if (f.features_target && f.in != columns)
                throw table.wrong("target", "is 'features', of which there are " + std::to_string(columns),
                                  comes + before + std::to_string(columns) + " before it");
            break;
        case OperatorKind::logistic:
            if (f.in != 1) throw table.wrong("kind", "is 'logistic', of one number", comes + before + "1 before it");
            break;
        default:
            if (f.in != classes)
                throw table.wrong("kind", "is 'softmax', of " + std::to_string(classes) + " classes",
                                  comes + before + std::to_string(classes) + " before it");
    }
}

}  // namespace

const char* name(OperatorKind kind) { return names[std::size_t(kind)]; }

std::string Operator::text() const { return std::string(idle ? "idle " : "") + name(kind) + " " + widths(in, out); }

OperatorKind read_last_kind(std::vector<Settings>& tables) {
    for (std::size_t i = 0; i < tables.size(); ++i) {
        const OperatorKind kind = read_kind(tables[i]);
        const bool last = i + 1 == tables.size(), loss = kind >= OperatorKind::readout;
        if (loss && !last)
            throw tables[i].wrong("kind", std::string("is '") + name(kind) + "', whose value is one number",
                                  "only the last operator may be such a loss");
        if (last && !loss)
            throw tables[i].wrong("kind", std::string("is '") + name(kind) + "', and the chain ends with it",
                                  "the last operator must be readout, squared, logistic or softmax");
    }
    return read_kind(tables.back());
}

std::vector<Operator> read_operators(std::vector<Settings>& tables, std::size_t depth, double gain, std::size_t columns,
                                     std::size_t classes) {
    constexpr std::size_t most_operators = 1000;
    std::vector<Operator> all;
    std::size_t width = columns, first_weight = 0, copies = 0;
    for (Settings& table : tables) {
        Operator f;
        f.kind = read_kind(table);
        f.in = width;
        std::size_t repeat = 1;
        if (f.is_loss()) {
            read_loss(table, columns, classes, f);
        } else {
            if (f.dense()) read_dense(table, gain, f);
            if (f.kind == OperatorKind::normalisation) {
                f.out = f.in;
                f.epsilon = table.number("epsilon", 0.01, Range::positive());
            }
            repeat = std::size_t(table.integer("repeat", 1, IntegerRange::between(1, most_operators)));
            if (repeat > 1 && f.in != f.out)
                throw table.wrong("repeat", "is " + std::to_string(repeat),
                                  "an operator of widths " + widths(f.in, f.out) + " cannot follow itself");
        }
        for (std::size_t k = 0; k < repeat; ++k) {
            f.idle = repeat > 1 && copies++ >= depth;
            f.first_weight = first_weight;
            first_weight += f.weights();
            all.push_back(f);
        }
        width = f.out;
        if (all.size() > most_operators)
            throw table.wrong(repeat > 1 ? "repeat" : "kind", "makes " + std::to_string(all.size()) + " operators of the chain",
                              "at most " + std::to_string(most_operators) + " are possible");
    }
    return all;
}

}  // namespace foldback
