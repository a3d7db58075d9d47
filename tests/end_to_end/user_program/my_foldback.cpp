// A model of one's own, x -> a |x| + E with E ~ Exp(1), an order of one's own (swapped.hpp, out of sim/README.md), and a
// program that knows them beside the built-in ones.
#include "models/registry.hpp"
#include "runs/command_line.hpp"
#include "sim/model_of.hpp"
#include "swapped.hpp"

struct FoldedWalk {
    static constexpr const char* kind = "folded_walk";
    static constexpr const char* summary = "x -> a |x| + E, E ~ Exp(1)";
    static constexpr const char* example = "[model]\nkind = \"folded_walk\"\na = 0.5\n";
    static constexpr foldback::Bits bits = foldback::Bits::portable;
    double a;

    static FoldedWalk from(foldback::Settings& table) { return {table.number("a", foldback::Range::open(-1, 1))}; }
    std::vector<foldback::NamedArray> parameters() const { return {{"a", {}, {a}}}; }
    foldback::Truth truth() const {
        foldback::Truth t;
        t.lipschitz_moment = [l = std::abs(a)](double p) { return foldback::Fact{std::pow(l, p)}; };
        return t;
    }

    template <class R> struct Parameter { R jump; };
    foldback::Consumption consumption() const { return {.uniforms = 1}; }
    template <class R> Parameter<R> draw(foldback::Noise<R>& w) const { return {w.exponential()}; }
    template <class P, class R> void apply(const P& p, R& x) const { x = R(a) * abs(x) + p.jump; }
    template <class R> R lipschitz(const Parameter<R>&) const { return R(std::abs(a)); }
};

int main(int argc, char** argv) {
    auto models = foldback::builtin_models();
    models.add(foldback::entry_of<FoldedWalk>());
    foldback::orders().add(foldback::order_kind<Swapped>());
    return foldback::command_line(argc, argv, models);
}
