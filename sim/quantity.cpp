#include "sim/quantity.hpp"

#include <array>

#include "sim/error.hpp"

namespace foldback {
namespace {

using Q = Quantity;
//                  name                 by: order  start  step   comp   oper   asked
constexpr std::array<QuantityInfo, quantity_count> table{{
    {Q::state, "state", true, true, true, true, false, false, "state of the composition after n maps"},
    {Q::increment, "increment", true, true, true, false, false, true, "distance between the states after n + 1 and n maps"},
    {Q::spread, "spread", true, false, true, false, false, true, "largest distance between the starts after n maps"},
    {Q::rounding_radius, "rounding_radius", true, true, true, false, false, true, "distance by which rounding can have moved the state"},
    {Q::path_mean, "path_mean", true, true, true, true, false, true, "mean of the states after 1, ..., n maps"},
    {Q::diverged_step, "diverged_step", true, true, false, false, false, false, "first step with a non-finite state, 0 if there is none"},
    {Q::certified_radius, "certified_radius", true, true, true, false, false, true, "bound for the distance to the backward limit"},
    {Q::merge_time, "merge_time", true, true, true, false, false, false, "maps applied until the partial composition met its older neighbour, 0 if it did not"},
    {Q::merge_error, "merge_error", true, true, true, false, false, false, "bound for the error by merging on a tolerance"},
    {Q::live_set, "live_set", true, false, false, false, false, false, "mean number of live partial compositions"},
    {Q::lipschitz_product, "lipschitz_product", false, false, true, false, false, true, "bound for the Lipschitz constant of n composed maps"},
    {Q::next_displacement, "next_displacement", false, true, true, false, false, true, "distance from the start to its image under map n + 1"},
    {Q::stopped_state, "state", true, true, false, true, false, false, "state at the stopping time"},
    {Q::stop_step, "stop_step", false, false, false, false, false, false, "stopping time of the Lipschitz product"},
    {Q::stopped_radius, "radius", false, true, false, false, false, false, "bound for the distance from the stopped backward state to an exact draw"},
    {Q::stop_censored, "censored", false, false, false, false, false, false, "whether max_steps came before the stopping time"},
    {Q::train_loss, "train_loss", true, true, true, false, false, true, "mean loss of the training rows at the state"},
    {Q::test_loss, "test_loss", true, true, true, false, false, true, "mean loss of the test rows at the state"},
    {Q::train_accuracy, "train_accuracy", true, true, true, false, false, true, "share of the training rows whose class is predicted"},
    {Q::test_accuracy, "test_accuracy", true, true, true, false, false, true, "share of the test rows whose class is predicted"},
    {Q::gradient_norm, "gradient_norm", true, true, true, false, false, true, "norm of the gradient of the training loss"},
    {Q::optimum_distance, "optimum_distance", true, true, true, false, false, true, "distance from the minimiser of the training loss"},
    {Q::train_loss_window_variance, "train_loss_window_variance", true, true, true, false, false, false, "variance of train_loss over the last checkpoints"},
    {Q::test_loss_window_variance, "test_loss_window_variance", true, true, true, false, false, false, "variance of test_loss over the last checkpoints"},
    {Q::train_accuracy_window_variance, "train_accuracy_window_variance", true, true, true, false, false, false, "variance of train_accuracy over the last checkpoints"},
    {Q::test_accuracy_window_variance, "test_accuracy_window_variance", true, true, true, false, false, false, "variance of test_accuracy over the last checkpoints"},
    {Q::gradient_norm_window_variance, "gradient_norm_window_variance", true, true, true, false, false, false, "variance of gradient_norm over the last checkpoints"},
    {Q::optimum_distance_window_variance, "optimum_distance_window_variance", true, true, true, false, false, false, "variance of optimum_distance over the last checkpoints"},
    {Q::increment_window_variance, "increment_window_variance", true, true, true, false, false, false, "variance of increment over the last checkpoints"},
    {Q::spike_height, "spike_height", true, true, false, false, false, false, "largest train_loss after the spike less the one before it"},
    {Q::recovery_time, "recovery_time", true, true, false, false, false, false, "steps from the spike until train_loss is back, NaN if it is not"},
    {Q::control, "control", true, true, true, true, false, true, "state of the linear twin at the minimiser, on the same noise"},
    {Q::control_path_mean, "control_path_mean", true, true, true, true, false, true, "mean of the linear twin's states after 1, ..., n maps"},
    {Q::order_difference, "order_difference", false, true, true, false, false, true, "distance between the forward and the backward composition of n steps"},
    {Q::order_leading, "order_leading", false, true, true, false, false, true, "norm of the leading term of that difference, h^2 sum_(i<j) (H_j g_i - H_i g_j)"},
    {Q::order_remainder, "order_remainder", false, true, true, false, false, true, "norm of that difference less its leading term"},
    {Q::palindrome_difference, "palindrome_difference", false, true, true, false, false, true, "distance between the palindromes of n steps and of the steps permuted"},
    {Q::symmetrised_difference, "symmetrised_difference", false, true, true, false, false, true, "distance between (F_n + B_n)/2 and the same of the steps permuted"},
    {Q::mean_square_gradient, "mean_square_gradient", true, true, true, false, false, true, "mean of the squared norms of the training loss's gradient at the first n states"},
    {Q::forward_error, "forward_error", true, true, true, false, true, true, "distance between the perturbed and the unperturbed output of the operator"},
    {Q::forward_bound, "forward_bound", true, true, true, false, true, true, "bound for forward_error on the path"},
    {Q::forward_rounding, "forward_rounding", true, true, true, false, true, true, "what rounding can have moved forward_error and its bound by"},
    {Q::backward_error, "backward_error", true, true, true, false, true, true, "distance between the perturbed and the unperturbed adjoint of the operator's output"},
    {Q::backward_bound, "backward_bound", true, true, true, false, true, true, "bound for backward_error on the path"},
    {Q::backward_rounding, "backward_rounding", true, true, true, false, true, true, "what rounding can have moved backward_error and its bound by"},
    {Q::gradient_error, "gradient_error", true, true, true, false, true, true, "distance between the perturbed and the unperturbed gradient in the operator's weights"},
    {Q::gradient_bound, "gradient_bound", true, true, true, false, true, true, "bound for gradient_error on the path"},
    {Q::gradient_rounding, "gradient_rounding", true, true, true, false, true, true, "what rounding can have moved gradient_error and its bound by"},
    {Q::gradient_relative_error, "gradient_relative_error", true, true, true, false, false, true, "error of the perturbed gradient, relative to the unperturbed one"},
    {Q::gradient_cosine, "gradient_cosine", true, true, true, false, false, true, "cosine of the angle between the perturbed and the unperturbed gradient"},
    {Q::gradient_deviation, "gradient_deviation", true, true, true, true, false, true, "perturbed less unperturbed gradient"},
    {Q::antithetic_deviation, "antithetic_deviation", true, true, true, true, false, true, "perturbed less unperturbed gradient, mean over the draws and their negatives"},
}};

}  // namespace

const QuantityInfo& info(Quantity quantity) {
    for (const auto& row : table)
        if (row.quantity == quantity) return row;
    throw InternalError("a quantity without a row in the table");
}

const QuantityInfo& info(const std::string& name) {
    for (const auto& row : table)
        if (row.observable && row.name == name) return row;
    throw InternalError("no observable is called '" + name + "'");
}

std::vector<Quantity> observables() {
    std::vector<Quantity> all;
    for (const auto& row : table)
        if (row.observable) all.push_back(row.quantity);
    return all;
}

bool is_window_variance(Quantity quantity) { return quantity >= Q::train_loss_window_variance && quantity <= Q::increment_window_variance; }

Quantity window_variance_of(Quantity quantity) {
    if (quantity == Q::increment) return Q::increment_window_variance;
    const auto loss = loss_observable(quantity);
    if (!loss) throw InternalError("window variances are of loss quantities and increments");
    return Quantity(std::size_t(Q::train_loss_window_variance) + std::size_t(*loss));
}

std::optional<LossObservable> loss_observable(Quantity quantity) {
    if (quantity >= Q::train_loss && quantity <= Q::optimum_distance) return LossObservable(unsigned(quantity) - unsigned(Q::train_loss));
    if (is_window_variance(quantity) && quantity != Q::increment_window_variance)
        return LossObservable(unsigned(quantity) - unsigned(Q::train_loss_window_variance));
    return std::nullopt;
}

std::optional<PassObservable> pass_observable(Quantity quantity) {
    if (quantity < Q::forward_error || quantity > Q::antithetic_deviation) return std::nullopt;
    return PassObservable(unsigned(quantity) - unsigned(Q::forward_error));
}

bool is_recorded_for(Quantity quantity, Order order) {
    if (quantity == Q::certified_radius) return order == Order::backward;
    if (quantity == Q::control || quantity == Q::control_path_mean || quantity == Q::mean_square_gradient) return order == Order::forward;
    return true;
}

std::string path_of(Quantity quantity, Order order) {
    const std::string last = info(quantity).name;
    switch (quantity) {
        case Q::lipschitz_product:
        case Q::next_displacement: return "/maps/" + last;
        case Q::stop_step:
        case Q::stopped_radius:
        case Q::stop_censored: return "/stopped/" + last;
        case Q::stopped_state: return std::string("/stopped/") + name(order) + "/" + last;
        case Q::order_difference:
        case Q::order_leading:
        case Q::order_remainder:
        case Q::palindrome_difference:
        case Q::symmetrised_difference: return "/order_sensitivity/" + last;
        case Q::merge_time:
        case Q::merge_error:
        case Q::live_set: return "/merging/" + last;
        default: return std::string("/") + name(order) + "/" + last;
    }
}

}  // namespace foldback
