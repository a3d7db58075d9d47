#include "models/composite/disturbance.hpp"

#include <algorithm>

namespace foldback {

Perturbations lay_out(std::vector<Perturbation> list, double amplitude, const std::vector<Operator>& chain, std::size_t rows) {
    using Pass = Perturbation::Pass;
    Perturbations all;
    all.amplitude = amplitude;
    all.forward.resize(chain.size());
    all.backward.resize(chain.size());
    all.gradient.resize(chain.size());
    for (std::size_t p = 0; p < list.size(); ++p) {
        all.needs_clean |= list[p].kind == Perturbation::Kind::adversarial;
        if (list[p].schedule.kind == Schedule::Kind::bernoulli) ++all.uniforms;
        for (std::size_t n = 0; n < chain.size(); ++n) {
            if (!list[p].at[n]) continue;
            const bool gradient = list[p].pass == Pass::gradient;
            const std::size_t count = gradient ? chain[n].weights() : rows * chain[n].out;
            auto& sites = gradient ? all.gradient[n] : list[p].pass == Pass::forward ? all.forward[n] : all.backward[n];
            if (gradient) all.longest_gradient = std::max(all.longest_gradient, count);
            sites.push_back({p, all.draws, all.memory, all.fresh, count});
            if (list[p].delay > 0) {
                all.memory += list[p].delay * count;
                all.fresh += count;
            }
            if (!list[p].draws()) continue;
            all.draws += count;
            (list[p].draws_normals() ? all.normals : list[p].draws_coins() ? all.coins : all.uniforms) += std::uint32_t(count);
        }
    }
    all.list = std::move(list);
    return all;
}

}  // namespace foldback
