#pragma once
#include <cstdint>

namespace foldback {

/// A generator of 32-bit random words behind a function pointer: what samplers compiled once, at the baseline, draw
/// from. Refers to the generator it is made from.
class WordSource {
  public:
    using result_type = std::uint32_t;
    static constexpr result_type min() { return 0; }
    static constexpr result_type max() { return ~result_type{0}; }

    template <class Urbg>
    explicit WordSource(Urbg& g)
        : generator_(&g), next_([](void* generator) -> result_type { return (*static_cast<Urbg*>(generator))(); }) {}
    result_type operator()() { return next_(generator_); }

  private:
    void* generator_;
    result_type (*next_)(void*);
};

}  // namespace foldback
