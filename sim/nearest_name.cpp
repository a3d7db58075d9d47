#include "sim/nearest_name.hpp"

#include <algorithm>
#include <cctype>
#include <vector>

namespace foldback {

namespace {

char lowered(char letter) { return static_cast<char>(std::tolower(static_cast<unsigned char>(letter))); }

}  // namespace

int edit_distance(std::string_view a, std::string_view b) {
    const auto same = [&](std::size_t i, std::size_t j) { return lowered(a[i]) == lowered(b[j]); };
    std::vector<int> before_last(b.size() + 1);
    std::vector<int> last(b.size() + 1);
    std::vector<int> current(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) last[j] = static_cast<int>(j);
    for (std::size_t i = 0; i < a.size(); ++i) {
        current[0] = static_cast<int>(i) + 1;
        for (std::size_t j = 0; j < b.size(); ++j) {
            current[j + 1] = std::min({last[j + 1] + 1, current[j] + 1, last[j] + (same(i, j) ? 0 : 1)});
            if (i > 0 && j > 0 && same(i, j - 1) && same(i - 1, j)) {
                current[j + 1] = std::min(current[j + 1], before_last[j - 1] + 1);
            }
        }
        std::swap(before_last, last);
        std::swap(last, current);
    }
    return last[b.size()];
}

std::string nearest_name(std::string_view typed, std::span<const std::string> names) {
    std::string best;
    int least = 0;
    for (const std::string& name : names) {
        const int longer = static_cast<int>(std::max(typed.size(), name.size()));
        const int distance = edit_distance(typed, name);
        const bool near = distance <= std::max(1, longer / 3) && distance < longer;
        if (near && (best.empty() || distance < least)) {
            best = name;
            least = distance;
        }
    }
    return best;
}

std::string suggestion(std::string_view typed, std::span<const std::string> names) {
    constexpr std::size_t short_list = 160;
    std::string list;
    for (const std::string& name : names) list += (list.empty() ? "" : ", ") + name;
    const std::string near = nearest_name(typed, names);
    if (near.empty()) return list.empty() ? "none is valid here" : "valid: " + list;
    const std::string question = "did you mean '" + near + "'?";
    return list.size() <= short_list ? question + " (valid: " + list + ")" : question;
}

}  // namespace foldback
