#include "analysis/claims/order_cubic.hpp"

namespace foldback {

const SweepClaim& order_palindrome() {
    static const claims::OrderCubic claim(
        {"order-palindrome", "composing 1..n and then n..1 is independent of the order of 1..n up to O(h^3)", "D25",
         "maps x - h grad l_i(x), every l_i three times differentiable; n h L small"},
        Quantity::palindrome_difference, "E|P - P'|, palindromes of two orders");
    return claim;
}

}  // namespace foldback
