#pragma once
#include <cstddef>
#include <string>
#include <vector>

#include "models/composite/operator.hpp"
#include "models/composite/rounding.hpp"
#include "models/composite/schedule.hpp"

namespace foldback {

/// What is done to a signal v of one pass: x~_n as it leaves operator n (forward), u~_n as it arrives there (backward), the
/// gradient block g~_n (gradient). s = amplitude x the loss's amplitude x schedule; relative: times the root mean square
/// of v, or for a vector of given norm times |v|.
///
/// | kind                | perturbation                                            | zero mean | independent | bounded by      |
/// |---------------------|---------------------------------------------------------|-----------|-------------|-----------------|
/// | gaussian            | s N(0, 1) each                                          | yes       | yes*        | -               |
/// | uniform             | uniform, standard deviation s each                      | yes       | yes*        | sqrt 3 s each   |
/// | rademacher          | +-s each                                                | yes       | yes*        | s each          |
/// | adversarial         | norm s, along the error that arrives, or if there is    | no        | no          | s               |
/// |                     | none the unperturbed adjoint                            |           |             |                 |
/// | bias                | norm s, along `direction`, or all components alike      | no        | yes*        | s               |
/// | stochastic_rounding | to a neighbour in `format`, s times the difference      | yes**     | no          | s x spacing     |
/// | nearest             | to the nearest number of `format`, s times that         | no        | no          | s x spacing / 2 |
/// | sparsification      | each kept with probability `keep` as v / keep, else 0   | yes       | no          | |v| / keep      |
/// | top_k               | all but the `k` largest set to 0                        | no        | no          | |v|             |
/// | stale               | the v that stood here `delay` steps ago, s of the way   | no        | no          | -               |
///
/// (*) absolute ones; (**) up to the format's largest number, beyond which both roundings saturate. s interpolates: of the last
/// five, s = 1 gives the rounded, thinned or old v itself. The rows of a batch are one signal; a direction is repeated for each,
/// and a stale v is that of the same place in a batch, whichever row stood there.
struct Perturbation {
    enum class Pass { forward, backward, gradient };
    enum class Kind { gaussian, uniform, rademacher, adversarial, bias, stochastic_rounding, nearest, sparsification, top_k, stale };

    Pass pass = Pass::forward;
    Kind kind = Kind::gaussian;
    double amplitude = 1;
    bool relative = false;
    Schedule schedule = {};
    NumberFormat format = {};
    double keep = 1;
    std::size_t k = 0;
    std::size_t delay = 0;                   ///< of stale, >= 1; else 0
    std::vector<double> direction = {};      ///< of a bias, as given; empty: all components alike
    std::vector<bool> at = {};               ///< by operator, counted from 0: whether it acts there
    std::string path;                        ///< "perturbations.1"

    bool draws_normals() const { return kind == Kind::gaussian; }
    bool draws_coins() const { return kind == Kind::rademacher; }
    bool draws_uniforms() const {
        return kind == Kind::uniform || kind == Kind::stochastic_rounding || kind == Kind::sparsification;
    }
    bool draws() const { return draws_normals() || draws_coins() || draws_uniforms(); }
    bool additive() const { return kind <= Kind::rademacher; }
    bool zero_mean() const { return draws(); }
    bool independent() const { return !relative && (additive() || kind == Kind::bias); }
    bool symmetric() const { return additive(); }
    std::string text() const;
};

/// Reads [[model.loss.perturbations]] for that chain; model.loss.schedule is of those that have none of their own.
std::vector<Perturbation> read_perturbations(Settings& loss, const std::vector<Operator>& chain);

}  // namespace foldback
