#pragma once
#include <initializer_list>
#include <string>

#include "runs/toml_file.hpp"
#include "sim/configuration.hpp"

/// Small configurations for tests, and the names they may use.
namespace foldback::test {

inline const KnownNames known = {
    {"forward", "backward", "palindrome", "window_#"},
    {"increment", "radius", "log_product"},
    {"law-equality", "backward-limit", "forward-floor"},
    {{"rho_2", Range::non_negative()}, {"chi", Range::any()}},
};

inline const std::string model_text = "[model]\nkind = \"bernoulli_convolution\"\nlambda = 0.5\n";  // lines 1 to 3
inline const std::string ensemble_text =
    "[ensemble]\nseed = 7\nreplicas = 1000\nstarts = [-1.0, 1.0]\nsteps = { at = [1, 2, 5] }\n";  // lines 4 to 8
inline const std::string minimal = model_text + ensemble_text;

inline Configuration read(const std::string& text) { return read_configuration(parse_toml(text, "f.toml"), known); }

/// The minimal configuration with more settings, each as after --set.
inline Configuration read_with(std::initializer_list<std::string> settings) {
    Value root = parse_toml(minimal, "f.toml");
    for (const std::string& setting : settings) apply_override(root, setting);
    return read_configuration(root, known);
}

}  // namespace foldback::test
