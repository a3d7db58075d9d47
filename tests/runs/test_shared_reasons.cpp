#include "runs/shared_reasons.hpp"

#include <doctest/doctest.h>

using namespace foldback;

TEST_CASE("shared reasons: claims with the same one share a line, where the first of them stands") {
    const std::vector<ClaimRemark> remarks{
        {"one", "no sweep"}, {"two", ""}, {"three", "no order"}, {"four", "no sweep"}, {"five", ""}};
    CHECK(shares_reason(remarks, 0));
    CHECK(shares_reason(remarks, 3));
    for (std::size_t other : {1U, 2U, 4U}) CHECK_FALSE(shares_reason(remarks, other));
    CHECK(shared_reason_lines(remarks) == std::vector<std::string>{"one, four   no sweep"});
    CHECK(shared_reason_lines({{"one", ""}, {"two", ""}}).empty());
}
