#include "models/bernoulli_convolution.hpp"

#include "tests/models/law_battery.hpp"

using namespace foldback;
using namespace foldback::tests;

TEST_CASE("bernoulli_convolution: laws and truths") {
    law_battery(model_from<BernoulliConvolution>(BernoulliConvolution::example), {-1, 1, 0.25});
    law_battery(BernoulliConvolution{{}, -0.3}, {-1, 1, 0.25});
    law_battery(BernoulliConvolution{{}, 0.8}, {-1, 1, 0.25}, {.settle = 200});
}

TEST_CASE("bernoulli_convolution: lambda = 1/2 is exact in binary") {
    const BernoulliConvolution f{{}, 0.5};
    for (std::uint32_t n : {1u, 10u, 40u}) {
        const double start = 0;
        const auto states = composed<4>(f, steps_up_to(n), &start);
        for (std::uint32_t replica = 0; replica < 8; ++replica) {
            Noise<Lanes<1>> w(11, replica, f.consumption());
            double sum = 0;  // sum over k <= n of s_k 2^-k
            for (std::uint32_t k = 1; k <= n; ++k) {
                w.at(k);
                sum += std::ldexp(w.coin()[0], -int(k));
            }
            CHECK(states[replica] == sum);
        }
    }
}

TEST_CASE("bernoulli_convolution: refuses lambda outside (-1, 1)") {
    CHECK(refusal<BernoulliConvolution>("lambda = 1.0").find("(-1, 1)") != std::string::npos);
    CHECK(refusal<BernoulliConvolution>("lambda = 0.99").empty());
    CHECK(BernoulliConvolution{{}, 0}.truth().log_lipschitz_variance->value == infinity);
}
