#pragma once

namespace foldback {

/// Not a word: the kernel takes the mean of two orders' states.
struct SymmetrisedOrder {
    static constexpr const char* name = "symmetrised";
    static constexpr const char* fold = "(F_n + B_n)/2, the mean of the forward and the backward state";
    static constexpr const char* cost = "what forward and backward cost";
    static constexpr const char* law = "its own law, with the mean of F_n; moves half as much as forward";
    static constexpr bool same_law = false;
};

}  // namespace foldback
