#pragma once
#include <cstddef>
#include <string>
#include <vector>

namespace foldback {

class Settings;

/// One link x_n = f_n(x_{n-1}; W) of a chain. g = gain, |W| = spectral norm, k = max |s''|; a, c, b, d as in theory.md, C.
///
/// | kind          | f(x)                           | a         | c              | b      | d                     |
/// |---------------|--------------------------------|-----------|----------------|--------|-----------------------|
/// | linear        | g W x                          | g |W|     | 0              | g |x|  | g                     |
/// | tanh          | tanh(g W x), k = 4/(3 sqrt 3)  | g |W|     | k g^2 |W|^2    | g |x|  | k g^2 |W| |x| + g     |
/// | softplus      | log(1 + e^(g W x)), k = 1/4    | g |W|     | k g^2 |W|^2    | g |x|  | k g^2 |W| |x| + g     |
/// | relu          | max(0, g W x)                  | g |W|     | none           | g |x|  | none                  |
/// | residual      | x + tanh(g W x)                | 1 + g |W| | k g^2 |W|^2    | g |x|  | k g^2 |W| |x| + g     |
/// | normalisation | x / sqrt(|x|^2 / width + eps)  | eps^-1/2  | K/(eps sqrt width) | -  | -                     |
/// | readout       | direction . x                  | |dir|     | 0              | -      | -                     |
/// | squared       | |x - y|^2 / 2                  | none      | 1              | -      | -                     |
/// | logistic      | log(1 + e^x) - y x             | 1         | 1/4            | -      | -                     |
/// | softmax       | log sum_k e^(x_k) - x_y        | sqrt 2    | 1/2            | -      | -                     |
///
/// The last four end a chain, as the mean over the rows of the batch. With a bias, W x + v stands for W x, and
/// sqrt(|x|^2 + rows) for |x| in b and d. K = sup |D^2 v/sqrt(1 + |v|^2)| = 0.8587, at |v| = 1/2 along v.
enum class OperatorKind { linear, tanh, softplus, relu, residual, normalisation, readout, squared, logistic, softmax };

struct Operator {
    OperatorKind kind = OperatorKind::linear;
    std::size_t in = 0, out = 0;  ///< widths; of a loss: out = 1
    bool bias = false;
    double gain = 1;
    double epsilon = 0;                 ///< of a normalisation
    std::vector<double> matrix = {};    ///< (out, in): fixed, not trained
    std::vector<double> direction = {}; ///< of a readout (in)
    bool features_target = false;       ///< of the squared loss: y is the row itself
    /// A copy that the depth leaves out: it passes x on as it is, and its weights do nothing.
    bool idle = false;
    std::size_t first_weight = 0;

    bool is_loss() const { return kind >= OperatorKind::readout; }
    bool dense() const { return kind <= OperatorKind::residual; }
    bool linear() const { return idle || kind == OperatorKind::linear || kind == OperatorKind::readout; }
    /// Whether its Jacobian is Lipschitz in x.
    bool smooth() const { return idle || kind != OperatorKind::relu; }
    std::size_t stride() const { return in + bias; }
    std::size_t weights() const { return dense() && matrix.empty() ? out * stride() : 0; }
    /// Rows of what the backward pass needs of the forward one besides x.
    std::size_t slopes() const { return idle || is_loss() || kind == OperatorKind::linear ? 0 : kind == OperatorKind::normalisation ? 1 : out; }
    std::string text() const;
};

/// Reads [[model.loss.operators]]: every operator is there as often as its `repeat` says; of the repeated ones those from
/// number `depth` on are idle. ConfigError for widths that do not fit, a loss that is not the last one or is missing.
/// `columns`: of the data; `classes`: 0 where targets are numbers.
std::vector<Operator> read_operators(std::vector<Settings>& tables, std::size_t depth, double gain, std::size_t columns,
                                     std::size_t classes);

/// The kind of the chain's last operator, before anything else is known. ConfigError where it is no loss.
OperatorKind read_last_kind(std::vector<Settings>& tables);

const char* name(OperatorKind kind);

}  // namespace foldback
