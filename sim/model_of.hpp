#pragma once
#include <string>

#include "sim/kernel.hpp"
#include "sim/model.hpp"
#include "sim/named_start.hpp"
#include "sim/settings.hpp"

namespace foldback::inline FOLDBACK_ISA {

/// A kernel of model f for `lanes` lanes (1 or this unit's widest), or null. Owned by the caller.
template <class M>
BlockKernel* new_kernel(const M& f, int lanes) {
    static_assert(RandomMap<M, Lanes<1>> && RandomMap<M, Lanes<widest>>, "see sim/random_map.hpp for what a model must offer");
    if (lanes == 0 || lanes == widest) return new Kernel<M, widest>(f);
    if (lanes == 1) return new Kernel<M, 1>(f);
    return nullptr;
}

/// The kernels of a model by instruction set.
template <class M>
struct KernelOf {
    Isa isa;
    BlockKernel* (*make)(const M&, int lanes);
};

/// Whether the vocabulary of sim/random_map.hpp that M offers holds what the observable needs.
template <class M>
bool offered_by(const M& model, Quantity quantity) {
    if (const auto loss = loss_observable(quantity)) {
        if constexpr (ObservesLoss<M, Lanes<1>>) return model.observables().has(*loss); else return false;
    }
    if (pass_observable(quantity)) {
        if constexpr (ObservesPasses<M, Lanes<1>>) return model.operators() > 0; else return false;
    }
    switch (quantity) {
        case Quantity::mean_square_gradient: return offered_by(model, Quantity::gradient_norm);
        case Quantity::control:
        case Quantity::control_path_mean:
            if constexpr (HasControl<M, Lanes<1>>) return model.has_control(); else return false;
        case Quantity::order_difference:
        case Quantity::order_leading:
        case Quantity::order_remainder:
        case Quantity::palindrome_difference:
        case Quantity::symmetrised_difference:
            if constexpr (HasGradient<M, Lanes<1>>) return model.step_size() > 0; else return false;
        default: return true;
    }
}

/// Erases the kind of a model M, a struct that offers, besides the vocabulary of sim/random_map.hpp:
///   static constexpr const char *kind, *summary, *example; static constexpr Bits bits;
///   static M from(Settings&)           reads and checks the [model] table
///   std::vector<NamedArray> parameters() const; Truth truth() const
/// and, if they are not all of R^dim in the Euclidean metric, `void check_start(std::span<const double>) const` and
/// `static constexpr const char* metric`. A model with kinds of start of its own, beside the common ones, has
///   static std::vector<std::string> start_kinds();
///   std::vector<double> named_start(const std::string& name, Settings& table, const ForwardRun<M>& run) const
template <class M>
class ModelOf final : public Model {
  public:
    ModelOf(M model, std::vector<KernelOf<M>> kernels) : model_(std::move(model)), kernels_(std::move(kernels)) {}

    const M& get() const { return model_; }
    std::string kind() const override { return M::kind; }
    int dimension() const override { return dimension_of<Lanes<1>>(model_); }
    std::size_t operators() const override {
        if constexpr (ObservesPasses<M, Lanes<1>>) return model_.operators(); else return 0;
    }
    Bits bits() const override {
        if constexpr (requires { model_.bits(); }) return model_.bits(); else return M::bits;
    }
    std::string metric() const override {
        if constexpr (requires { M::metric; }) return M::metric; else return "euclidean";
    }
    std::vector<NamedArray> parameters() const override { return model_.parameters(); }
    Truth truth() const override { return model_.truth(); }
    bool has_lipschitz() const override { return HasLipschitz<M, Lanes<1>>; }
    bool has_composition() const override { return HasComposition<M, Lanes<1>>; }
    bool offers(Quantity quantity) const override { return offered_by(model_, quantity); }
    std::vector<double> named_start(Settings& table) const override {
        const auto run = [this](const M& f, std::uint64_t seed, std::uint32_t steps, std::span<const double> x) {
            return forward_state(*kernel_of(f, best_isa(), 0), seed, steps, x);
        };
        return start_from<M>(model_, table, std::size_t(dimension()), run);
    }
    void check_start(std::span<const double> x) const override {
        if constexpr (requires { model_.check_start(x); }) model_.check_start(x);
    }
    double distance(std::span<const double> x, std::span<const double> y) const override {
        // Claims ask for one after the other: short states need no allocation, and numbers no room.
        if (x.size() == 1) {
            const Lanes<1> a(x[0]), b(y[0]);
            return distance_between(model_, &a, &b)[0];
        }
        constexpr std::size_t few = 16;
        Lanes<1> here[2 * few]{};
        Workspace<Lanes<1>> room(x.size() > few ? 2 * x.size() : 0);
        Lanes<1>*a = x.size() > few ? room.data() : here, *b = a + x.size();
        for (std::size_t i = 0; i < x.size(); ++i) {
            a[i] = x[i];
            b[i] = y[i];
        }
        return distance_between(model_, a, b)[0];
    }
    std::vector<Isa> instruction_sets() const override {
        std::vector<Isa> r;
        for (const auto& k : kernels_) r.push_back(k.isa);
        return r;
    }
    std::unique_ptr<BlockKernel> kernel(Isa isa, int lanes) const override { return kernel_of(model_, isa, lanes); }

  private:
    std::unique_ptr<BlockKernel> kernel_of(const M& f, Isa isa, int lanes) const {
        for (const auto& k : kernels_)
            if (k.isa == isa || kernels_.size() == 1 || (lanes == 1 && k.isa == Isa::baseline))
                if (BlockKernel* kernel = k.make(f, lanes)) return std::unique_ptr<BlockKernel>(kernel);
        throw ConfigError("--isa " + std::string(name(isa)) + " --lanes " + std::to_string(lanes) + ": model '" + kind() +
                          "' has no such kernel; give --lanes 1 or 0, the widest");
    }

    M model_;
    std::vector<KernelOf<M>> kernels_;
};

/// The registry entry of model M, with the given kernels; by default the one of this unit's instruction set.
template <class M>
ModelEntry entry_of(std::vector<KernelOf<M>> kernels = {{this_isa, &new_kernel<M>}}) {
    return {M::kind, M::summary, M::example,
            [kernels = std::move(kernels)](Settings& table) -> std::unique_ptr<Model> {
                return std::make_unique<ModelOf<M>>(M::from(table), kernels);
            }};
}

}  // namespace foldback::inline FOLDBACK_ISA
