#include <algorithm>
#include <cmath>
#include <numbers>

#include "models/composite/composite_truth.hpp"
#include "models/composite/path_bounds.hpp"

// Constants that hold on every path through a chain at given weights: those of path_bounds.hpp, at the largest |x~_(n-1)|
// that any rows and any perturbations of sure size can bring.
namespace foldback {
namespace {

using Constants = composite::PathConstants<double>;

/// What the constants depend on besides the weights.
struct Bounds {
    double rows = 0;            ///< B: of one mini-batch
    double first = 0, targets = 0;  ///< of a mini-batch's features |x_0|, and of its targets, as the loss sees them
    std::vector<double> forward;    ///< by operator: of what is added to x~_n
};

/// The largest norm of B rows: of all of them where every batch is, else of the longest one B times.
template <class Square>
double largest_of_rows(const Composite& loss, Square square) {
    double sum = 0, most = 0;
    for (std::size_t r = 0; r < loss.data->train_rows; ++r) {
        const double here = square(r);
        sum += here;
        most = std::max(most, here);
    }
    return std::sqrt(loss.sampling.full ? sum : most * loss.sampling.batch);
}

Bounds bounds_of(const Composite& loss, std::vector<double> forward) {
    Bounds bounds;
    bounds.rows = loss.sampling.batch;
    bounds.first = largest_of_rows(loss, [&](std::size_t r) {
        double square = 0;
        for (std::size_t i = 0; i < loss.data->columns; ++i) square += std::pow(loss.data->features[r * loss.data->columns + i], 2);
        return square;
    });
    const Operator& last = loss.chain.back();
    bounds.targets = last.features_target ? bounds.first : largest_of_rows(loss, [&](std::size_t r) {
        return double(last.in) * std::pow(loss.data->targets[r], 2);
    });
    bounds.forward = std::move(forward);
    bounds.forward.resize(loss.chain.size());
    return bounds;
}

/// |v|, the bias of an operator whose weights begin at w.
double bias_of(const Operator& f, const double* w) {
    double square = 0;
    for (std::size_t j = 0; f.bias && j < f.out; ++j) square += std::pow(w[j * f.stride() + f.in], 2);
    return std::sqrt(square);
}

/// What |f(x)| is at most for |x| <= size.
double size_after(const Operator& f, const Constants& p, const double* w, double rows, double size) {
    if (f.idle) return size;
    const double all = std::sqrt(rows * double(f.out));  // of numbers that are at most 1
    if (f.kind == OperatorKind::normalisation) return std::min(all, p.a * size);
    const bool residual = f.kind == OperatorKind::residual;
    const double z = (residual ? p.a - 1 : p.a) * size + f.gain * bias_of(f, w) * std::sqrt(rows);
    switch (f.kind) {
        case OperatorKind::tanh: return std::min(all, z);
        case OperatorKind::residual: return size + std::min(all, z);
        case OperatorKind::softplus: return std::numbers::ln2 * all + z;  // 0 -> log 2, and 1-Lipschitz
        default: return z;
    }
}

/// Of operators 1..N, with nothing known of where x~_0, ... lie but their sizes.
class UniformConstants {
  public:
    UniformConstants(const std::vector<Operator>& chain, const Bounds& bounds, std::span<const double> w, std::size_t room)
        : chain_(chain), bounds_(bounds), w_(w), room_(room) {}

    std::optional<CompositeTruth::Uniform> found() {
        const std::size_t N = chain_.size();
        double exact = bounds_.first, perturbed = bounds_.first;
        for (std::size_t n = 1; n <= N; ++n) {
            const Operator& f = chain_[n - 1];
            const double* own = w_.data() + f.first_weight;
            const Constants p = composite::path_constants<double>(f, std::size_t(bounds_.rows), own, perturbed, room_.data());
            gather(n, p);
            if (n == N) adjoints(f, p, exact);
            if (n == N) break;
            exact = size_after(f, p, own, bounds_.rows, exact);
            perturbed = size_after(f, p, own, bounds_.rows, perturbed) + bounds_.forward[n - 1];
        }
        // The constants themselves were rounded.
        for (double* x : {&all_.a, &all_.b, &all_.c, &all_.d, &all_.u}) *x *= 1 + 1e-12;
        const bool finite = std::isfinite(all_.a + all_.b + all_.c + all_.d + all_.u);
        return finite ? std::optional(all_) : std::nullopt;
    }

  private:
    // Errors pass through operators 2..N-1 and their derivatives, through the loss's derivative only.
    void gather(std::size_t n, const Constants& p) {
        const bool first = n == 1, last = n == chain_.size();
        gains_.push_back(p.a);
        all_.b = larger(all_.b, p.b);
        if (!first && !last) all_.a = larger(all_.a, p.a);
        if (!first) all_.c = larger(all_.c, p.c);
        if (!first) all_.d = larger(all_.d, p.d);
    }
    /// |u_n| <= a_(n+1) ... a_(N-1) |u_(N-1)|, n >= 2, and u_N = 1.
    void adjoints(const Operator& loss, const Constants& p, double exact) {
        double u = loss.kind == OperatorKind::squared ? (exact + bounds_.targets) / bounds_.rows : p.a;
        all_.u = 1;
        for (std::size_t n = chain_.size() - 1; n >= 2; --n) {
            all_.u = larger(all_.u, u);
            u *= gains_[n - 1];
        }
    }
    /// NaN, no bound, is the largest of all.
    static double larger(double x, double y) { return std::isnan(x) || x > y ? x : y; }

    const std::vector<Operator>& chain_;
    const Bounds& bounds_;
    std::span<const double> w_;
    std::vector<double> room_;
    std::vector<double> gains_;  // a_n by operator
    CompositeTruth::Uniform all_;
};

}  // namespace

void add_uniform_constants(CompositeTruth& truth, const Composite& loss) {
    const std::vector<double> forward = truth.forward.perturbed ? truth.forward.sure_norm : std::vector<double>(loss.chain.size());
    if (forward.empty()) return;
    for (double norm : forward)
        if (!std::isfinite(norm)) return;
    for (const Operator& f : loss.chain)
        if (!f.smooth()) return;
    truth.uniform = [chain = loss.chain, bounds = bounds_of(loss, forward), room = loss.spectral_room()](std::span<const double> w) {
        return UniformConstants(chain, bounds, w, room).found();
    };
}

}  // namespace foldback
