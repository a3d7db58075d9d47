#include <doctest/doctest.h>

#include <limits>

#include "sim/kernel.hpp"

// The pass upwards looks for divergence once in a while, and must still name the step.

namespace {

using namespace foldback;

/// Counts down to 0, is infinite at the next step, and starts again at 5: infinite at step x_0 + 1, but not for long.
struct Blinking {
    bool keeps;  ///< what it says of itself; true is a lie

    template <class R>
    struct Parameter {};
    bool keeps_non_finite() const { return keeps; }
    Consumption consumption() const { return {}; }
    template <class R>
    Parameter<R> draw(Noise<R>&) const { return {}; }
    template <class P, class R>
    void apply(const P&, R& x) const {
        const R next = select(finite(x), x - R(1.0), R(5.0));
        x = select(x == R(0.0), R(std::numeric_limits<double>::infinity()), next);
    }
};

/// The same twice, in two dimensions, so that no path for scalars is taken.
struct BlinkingPair {
    template <class R>
    struct Parameter {};
    int dimension() const { return 2; }
    Consumption consumption() const { return {}; }
    template <class R>
    Parameter<R> draw(Noise<R>&) const { return {}; }
    template <class P, class R>
    void apply(const P& p, std::span<R> x) const {
        for (R& one : x) Blinking{false}.apply(p, one);
    }
};

template <class M>
double diverged(const M& f, std::vector<double> start, std::vector<std::uint32_t> steps, bool path_mean = false) {
    Shape shape;
    shape.dimension = dimension_of<Lanes<1>>(f);
    shape.starts = std::move(start);
    shape.steps = std::move(steps);
    shape.orders = {Order::forward};
    shape.path_mean = path_mean;
    BlockBuffers out(shape, 3);
    Kernel<M, widest>(f).run(shape, 0, 3, out);
    for (std::size_t r = 1; r < 3; ++r) CHECK(out.orders[0].diverged_step[r] == out.orders[0].diverged_step[0]);
    return out.orders[0].diverged_step[0];
}

}  // namespace

TEST_CASE("ascent: the first step that is not finite is found, wherever checkpoints and looks lie, though later states are finite") {
    for (double start : {0.0, 1.0, 14.0, 62.0, 63.0, 64.0, 127.0, 130.0, 300.0}) {
        CAPTURE(start);
        for (bool path_mean : {false, true}) {
            CHECK(diverged(Blinking{false}, {start}, {400}, path_mean) == start + 1);
            CHECK(diverged(Blinking{false}, {start}, {3, 64, 65, 131, 400}, path_mean) == start + 1);
            CHECK(diverged(BlinkingPair{}, {500.0, start}, {0, 3, 64, 400}, path_mean) == start + 1);
        }
    }
    CHECK(diverged(Blinking{false}, {1000.0}, {400}) == 0);
    CHECK(diverged(BlinkingPair{}, {1000.0, 700.0}, {400}) == 0);
    // Control: a model that wrongly says that it keeps what is not finite hides it.
    CHECK(diverged(Blinking{true}, {15.0}, {400}) != 16);
}
