#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "analysis/path_spectrum.hpp"
#include "models/absolute_difference.hpp"
#include "models/affine.hpp"
#include "models/autoregressive.hpp"
#include "models/bernoulli_convolution.hpp"
#include "models/beta_prime_perpetuity.hpp"
#include "models/continued_fraction.hpp"
#include "models/dickman.hpp"
#include "models/gamma_perpetuity.hpp"
#include "models/kesten.hpp"
#include "models/losses/composite.hpp"
#include "models/losses/least_squares.hpp"
#include "models/losses/logistic.hpp"
#include "models/losses/mlp.hpp"
#include "models/losses/quadratic.hpp"
#include "models/losses/softmax.hpp"
#include "models/sethuraman.hpp"
#include "models/sgd.hpp"
#include "models/sine.hpp"
#include "models/spike_recursion.hpp"
#include "models/switching_flow.hpp"
#include "models/unit_interval.hpp"
#include "models/vector_autoregressive.hpp"
#include "runs/toml_file.hpp"
#include "sim/settings.hpp"

namespace foldback {
namespace {

template <class M>
M from_example() {
    Settings root(parse_toml(M::example, "example"));
    Settings table = root.table("model");
    (void)table.word("kind", {M::kind});
    return M::from(table);
}

/// The Jacobian of the drawn maps of steps 1 to 20, at an inner point of every model's state space, against central
/// differences; the image against apply, to the bit.
template <class M>
void check_model() {
    CAPTURE(M::kind);
    const M f = from_example<M>();
    Jacobian<double, M> jacobian(f);
    const std::size_t d = jacobian.dimension();
    std::vector<double> x(d), image(d), matrix(d * d);
    for (std::size_t i = 0; i < d; ++i) x[i] = 0.37 + 0.11 * double(i);
    Noise<double> noise(7, 1, f.consumption());
    auto p = make_parameter<double>(f);
    for (std::uint32_t step = 1; step <= 20; ++step) {
        noise.at(step);
        draw_into(f, noise, p);
        jacobian(p, x.data(), image.data(), matrix.data());
        auto plain = x;
        apply_to(f, p, plain.data());
        CHECK(image == plain);
        for (std::size_t j = 0; j < d; ++j) {
            const double h = 1e-5;
            auto up = x, down = x;
            up[j] += h;
            down[j] -= h;
            apply_to(f, p, up.data());
            apply_to(f, p, down.data());
            for (std::size_t i = 0; i < d; ++i)
                CHECK(matrix[i * d + j] == doctest::Approx((up[i] - down[i]) / (2 * h)).epsilon(1e-7).scale(1));
        }
    }
}

}  // namespace

TEST_CASE("Jacobian: of every model, against difference quotients") {
#define FOLDBACK_MODEL(M) check_model<M>();
#include "models/registry.def"
#undef FOLDBACK_MODEL
#define FOLDBACK_LOSS(L) check_model<Sgd<L>>();
#include "models/losses/registry.def"
#undef FOLDBACK_LOSS
}

TEST_CASE("path_spectrum: an affine family's exponents lie between those of its maps") {
    const Affine fern = from_example<Affine>();
    const auto spectrum = path_spectrum(fern, 3, 0, std::vector<double>{0.0, 1.0}, 5000).exponents(1e-3);
    REQUIRE(spectrum.size() == 2);
    // Barnsley's fern: one map of norm 0.851 is applied 85 times of 100, and a singular one once: no finite second
    // exponent.
    CHECK(spectrum[0].limits.upper < std::log(0.86));
    CHECK(spectrum[0].value > std::log(0.05));
    CHECK(spectrum[1].value == -std::numeric_limits<double>::infinity());
}

TEST_CASE("path_spectrum: a switching linear flow contracts alike in every direction") {
    const SwitchingFlow flow = from_example<SwitchingFlow>();
    const auto spectrum = path_spectrum(flow, 3, 0, std::vector<double>{0.3, 0.3}, 1000).exponents(1e-3);
    const double z = -0.7 / 4, step = 1 + z + z * z / 2 + z * z * z / 6 + z * z * z * z / 24;
    for (const auto& exponent : spectrum) CHECK(exponent.value == doctest::Approx(4 * std::log(step)).epsilon(1e-12));
}

}  // namespace foldback
