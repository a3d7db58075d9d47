#include "models/composite/schedule.hpp"

#include <algorithm>

#include "sim/elementary.hpp"
#include "sim/range.hpp"
#include "sim/settings.hpp"

namespace foldback {

double Schedule::factor(std::uint32_t t) const {
    switch (kind) {
        case Kind::power: return elementary::pow(double(t), -exponent);
        case Kind::window: return t >= first && t <= last ? 1 : 0;
        case Kind::spikes: return std::binary_search(steps.begin(), steps.end(), t) ? 1 : 0;
        default: return 1;
    }
}

Schedule read_schedule(Settings& perturbation) {
    Settings table = perturbation.table_or_empty("schedule");
    const IntegerRange step = IntegerRange::between(1, 0xfffffffe);
    Schedule s;
    const std::string kind = table.word("kind", {"constant", "power", "window", "spikes", "bernoulli"}, "constant");
    if (kind == "power") {
        s.kind = Schedule::Kind::power;
        s.exponent = table.number("exponent", Range::non_negative());
    } else if (kind == "window") {
        s.kind = Schedule::Kind::window;
        s.first = std::uint32_t(table.integer("first", step));
        s.last = std::uint32_t(table.integer("last", step));
        if (s.last < s.first)
            throw table.wrong("last", "is " + std::to_string(s.last), "it must be at least first, " + std::to_string(s.first));
    } else if (kind == "spikes") {
        s.kind = Schedule::Kind::spikes;
        for (std::int64_t t : table.integers("at", step)) s.steps.push_back(std::uint32_t(t));
        std::sort(s.steps.begin(), s.steps.end());
    } else if (kind == "bernoulli") {
        s.kind = Schedule::Kind::bernoulli;
        s.rate = table.number("rate", Range::open_closed(0, 1));
    }
    return s;
}

}  // namespace foldback
