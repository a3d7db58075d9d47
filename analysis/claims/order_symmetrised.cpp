#include "analysis/claims/order_cubic.hpp"

namespace foldback {

const SweepClaim& order_symmetrised() {
    static const claims::OrderCubic claim(
        {"symmetrised-order",
         "(F_n + B_n)/2 is independent of the order of 1..n up to O(h^3), without using any map twice", "D25",
         "maps x - h grad l_i(x), every l_i three times differentiable; n h L small"},
        Quantity::symmetrised_difference, "E|S - S'|, (F + B)/2 of two orders");
    return claim;
}

}  // namespace foldback
