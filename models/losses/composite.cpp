#include "models/losses/composite.hpp"

#include <cmath>

#include "models/composite/composite_truth.hpp"
#include "models/losses/linear_mean.hpp"
#include "models/losses/text_mean.hpp"
#include "sim/distributions.hpp"
#include "sim/named_start.hpp"
#include "sim/settings.hpp"

namespace foldback {
namespace {

Targets targets_of(OperatorKind last) {
    if (last == OperatorKind::softmax) return Targets::classes;
    return last == OperatorKind::logistic ? Targets::two_classes : Targets::numbers;
}

/// out rows of in normals, made orthonormal by Gram and Schmidt, twice against rounding; the longer side's vectors.
std::vector<double> orthonormal(Stream& source, std::size_t out, std::size_t in) {
    const std::size_t count = std::min(out, in), length = std::max(out, in);
    std::vector<double> q(count * length);
    for (std::size_t i = 0; i < count; ++i) {
        double* row = &q[i * length];
        for (std::size_t l = 0; l < length; ++l) row[l] = standard_normal(source);
        for (int twice = 0; twice < 2; ++twice)
            for (std::size_t k = 0; k <= i; ++k) {
                const double* other = &q[k * length];
                double inner = 0;
                for (std::size_t l = 0; l < length; ++l) inner += row[l] * other[l];
                const double norm = std::sqrt(inner);
                for (std::size_t l = 0; l < length; ++l) row[l] = k < i ? row[l] - inner * other[l] : row[l] / norm;
            }
    }
    if (out <= in) return q;
    std::vector<double> transposed(q.size());
    for (std::size_t i = 0; i < count; ++i)
        for (std::size_t l = 0; l < length; ++l) transposed[l * count + i] = q[i * length + l];
    return transposed;
}

}  // namespace

Composite Composite::from(Settings& model, Sampling sampling) {
    constexpr std::size_t most_weights = 10'000'000;
    Settings table = model.table("loss");
    auto operators = table.tables("operators");
    const OperatorKind last = read_last_kind(operators);
    Composite loss{FiniteSum::from(model, targets_of(last), sampling)};
    const std::int64_t depth = table.integer("depth", 1000, IntegerRange::non_negative());
    const double gain = table.number("gain", 1.0, Range::positive());
    loss.chain = read_operators(operators, std::size_t(depth), gain, loss.data->columns, std::size_t(loss.data->classes));
    if (loss.dimension() == 0)
        throw table.wrong("operators", "have no weights at all", "at least one must be trained: add a linear one, without a matrix");
    if (loss.dimension() > most_weights)
        throw table.wrong("operators", "have " + std::to_string(loss.dimension()) + " weights",
                          "at most " + std::to_string(most_weights) + " are possible");
    const double amplitude = table.number("amplitude", 1.0, Range::non_negative());
    loss.perturbations = lay_out(read_perturbations(table, loss.chain), amplitude, loss.chain, loss.sampling.batch);
    if (loss.memory() > most_weights)
        throw table.wrong("perturbations", "keep " + std::to_string(loss.memory()) + " numbers of earlier steps",
                          "at most " + std::to_string(most_weights) + " are possible: shorten delays, name fewer operators");
    loss.regulariser = {table.number("ridge", 0.0, Range::non_negative()), table.number("nonconvex", 0.0, Range::non_negative())};
    loss.units = TapeUnits(loss.chain);
    if (!is_linear_model(loss)) {
        loss.mean = std::make_shared<TextMean<Composite>>(loss);
        return loss;
    }
    loss.mean = linear_mean(loss.data, last == OperatorKind::logistic ? logistic_link : squared_link, loss.regulariser);
    const double mu = loss.regulariser.ridge - loss.regulariser.rho / 2;
    if (mu > 0) loss.optimum = std::make_shared<LazyMinimum>(loss.mean, mu);
    return loss;
}

void Composite::resample(Sampling drawn) {
    FiniteSum::resample(drawn);
    perturbations = lay_out(std::move(perturbations.list), perturbations.amplitude, chain, drawn.batch);
}

std::vector<NamedArray> Composite::parameters() const {
    std::vector<double> widths{double(data->columns)}, idle, amplitudes, delays;
    for (const Operator& f : chain) {
        widths.push_back(double(f.out));
        idle.push_back(double(f.idle));
    }
    std::vector<NamedArray> all{{"widths", {widths.size()}, widths},
                                {"idle", {idle.size()}, idle},
                                {"ridge", {}, {regulariser.ridge}},
                                {"nonconvex", {}, {regulariser.rho}}};
    for (const Perturbation& p : perturbations.list) amplitudes.push_back(p.amplitude * perturbations.amplitude);
    for (const Perturbation& p : perturbations.list) delays.push_back(double(p.delay));
    if (memory() > 0) all.push_back({"delays", {delays.size()}, delays});
    if (!amplitudes.empty()) all.push_back({"amplitudes", {amplitudes.size()}, amplitudes});
    for (NamedArray& array : arrays_of(*data)) all.push_back(std::move(array));
    return all;
}

std::vector<double> Composite::orthogonal(std::uint64_t seed, double scale) const {
    std::vector<double> w(dimension(), 0.0);
    for (std::size_t n = 0; n < chain.size(); ++n) {
        const Operator& f = chain[n];
        if (f.weights() == 0) continue;
        Stream source = start_stream(seed, std::uint32_t(n + 1));
        const std::vector<double> q = orthonormal(source, f.out, f.in);
        for (std::size_t j = 0; j < f.out; ++j)
            for (std::size_t i = 0; i < f.in; ++i) w[f.first_weight + j * f.stride() + i] = scale * q[j * f.in + i];
    }
    return w;
}

std::vector<double> Composite::glorot(std::uint64_t seed) const {
    std::vector<double> w(dimension(), 0.0);
    for (std::size_t n = 0; n < chain.size(); ++n) {
        const Operator& f = chain[n];
        if (f.weights() == 0) continue;
        Stream source = start_stream(seed, std::uint32_t(n + 1));
        const double reach = std::sqrt(6.0 / double(f.in + f.out));
        for (std::size_t j = 0; j < f.out; ++j)
            for (std::size_t i = 0; i < f.in; ++i)
                w[f.first_weight + j * f.stride() + i] = reach * (2 * uniform01(source) - 1);
    }
    return w;
}

const double* Composite::centre() const { return centre_of(optimum.get()); }

bool Composite::differentiable() const {
    for (const Perturbation& p : perturbations.list)
        if (!p.additive() && p.kind != Perturbation::Kind::bias) return false;
    return true;
}

std::size_t Composite::longest_signal() const {
    std::size_t most = 1;
    for (const Operator& f : chain) most = std::max({most, std::size_t(sampling.batch) * f.out, f.weights()});
    return most;
}

std::size_t Composite::spectral_room() const {
    std::size_t most = 0;
    for (const Operator& f : chain)
        if (f.dense()) most = std::max(most, std::min(f.in, f.out));
    return 2 * most * most;
}

Truth Composite::truth(const SgdPlan& plan) const {
    FiniteSumFacts facts;
    facts.mean = mean;
    facts.samples = data->train_rows;
    facts.optimum = optimum;
    Truth t = finite_sum_truth(plan, facts);
    t.note = "a chain's maps have no Lipschitz constant that is known to hold everywhere: nothing here contracts globally";
    t.composite = composite_truth(*this, plan);
    const bool perturbed = t.composite->forward.perturbed || t.composite->backward.perturbed || t.composite->gradient.perturbed;
    if (perturbed || memory() > 0) {
        t.displacement = nullptr;
        t.sgd = nullptr;  // its statements are of g, not of g~
        t.atoms = false;
        t.note = "the gradients are those of perturbed passes";
    }
    for (const Perturbation& p : perturbations.list) t.homogeneous &= p.schedule.homogeneous();
    return t;
}

}  // namespace foldback
