#pragma once
#include <boost/numeric/odeint/stepper/stepper_categories.hpp>
#include <boost/numeric/odeint/util/unwrap_reference.hpp>
#include <cmath>
#include <cstddef>
#include <vector>

// Steppers for Ito equations dX = a(X, t) dt + sum_j b^j(X, t) dW_j, j < m, in Boost.Odeint's interface: they go with
// integrate_const and integrate_n_steps, whose times are t0 + n dt. The noise is part of the system and indexed by
// time, so that a path can be replayed, refined, or run in pieces.
//
// What a system s has:
//   s.noises()                  m
//   s.drift(x, a, t)            a <- a(x, t)
//   s.diffusion(x, b, t)        b <- (b^j_i(x, t)), row-major (component i, noise j)
//   s.increments(noise, t, dt)  noise <- what happens in [t, t + dt]: pure in (t, dt), independent over intervals
//
// Boost.Odeint copies systems and steppers: hand them over by std::ref where that matters.
namespace foldback::flows {

template <class Value>
struct Increments {
    std::vector<Value> w;      ///< (m): W_j(t + dt) - W_j(t), normal with variance dt; or three-point, see WeakOrderTwo
    std::vector<Value> signs;  ///< (m (m - 1)/2): +1 or -1, fair, for the pairs (j, r), r < j; WeakOrderTwo reads them
};

/// Their category: one fixed step after the other, and nothing that estimates an error.
struct stochastic_stepper_tag : boost::numeric::odeint::stepper_tag {};

/// What Boost.Odeint asks of a stepper, and the evaluations that all of them begin with.
template <class Value>
class StochasticStepper {
  public:
    using state_type = std::vector<Value>;
    using deriv_type = state_type;
    using value_type = Value;
    using time_type = Value;
    using order_type = unsigned short;
    using stepper_category = stochastic_stepper_tag;

  protected:
    template <class System>
    void begin(System& system, const state_type& x, const Value& t, const Value& dt) {
        d_ = x.size();
        m_ = system.noises();
        a_.resize(d_);
        b_.resize(d_ * m_);
        noise_.w.resize(m_);
        noise_.signs.resize(m_ * (m_ - 1) / 2);
        system.increments(noise_, t, dt);
        system.drift(x, a_, t);
        system.diffusion(x, b_, t);
    }
    const Value& b(std::size_t i, std::size_t j) const { return b_[i * m_ + j]; }
    const Value& w(std::size_t j) const { return noise_.w[j]; }

    std::size_t d_ = 0, m_ = 0;
    state_type a_, b_;
    Increments<Value> noise_;
};

/// x + a dt + b dW: strong order 1/2 (1 where b does not depend on x), weak order 1.
template <class Value = double>
class EulerMaruyama : public StochasticStepper<Value> {
  public:
    static constexpr double strong_order = 0.5, weak_order = 1;
    static constexpr unsigned short order() { return 1; }

    template <class System>
    void do_step(System system, std::vector<Value>& x, Value t, Value dt) {
        this->begin(static_cast<typename boost::numeric::odeint::unwrap_reference<System>::type&>(system), x, t, dt);
        for (std::size_t i = 0; i < this->d_; ++i) {
            x[i] = x[i] + this->a_[i] * dt;
            for (std::size_t j = 0; j < this->m_; ++j) x[i] = x[i] + this->b(i, j) * this->w(j);
        }
    }
};

/// Milstein's scheme without derivatives, for commutative noise (b^j' b^k = b^k' b^j; a single noise always is; this is
/// not checked): strong order 1, weak order 1. Kloeden and Platen 1992, chapter 11, section 1. With y^j = x + b^j
/// sqrt(dt):
///   x + a dt + b dW + (1/2) sum_jk (b^k(y^j) - b^k(x)) (dW_j dW_k - [j = k] dt)/sqrt(dt).
template <class Value = double>
class Milstein : public StochasticStepper<Value> {
  public:
    static constexpr double strong_order = 1, weak_order = 1;
    static constexpr unsigned short order() { return 1; }

    template <class System>
    void do_step(System system, std::vector<Value>& x, Value t, Value dt) {
        using std::sqrt;
        auto& s = static_cast<typename boost::numeric::odeint::unwrap_reference<System>::type&>(system);
        this->begin(s, x, t, dt);
        const std::size_t d = this->d_, m = this->m_;
        const Value root = sqrt(dt);
        next_ = x;
        y_.resize(d);
        by_.resize(d * m);
        for (std::size_t i = 0; i < d; ++i) {
            next_[i] = next_[i] + this->a_[i] * dt;
            for (std::size_t j = 0; j < m; ++j) next_[i] = next_[i] + this->b(i, j) * this->w(j);
        }
        for (std::size_t j = 0; j < m; ++j) {
            for (std::size_t i = 0; i < d; ++i) y_[i] = x[i] + this->b(i, j) * root;
            s.diffusion(y_, by_, t);
            for (std::size_t k = 0; k < m; ++k) {
                Value area = this->w(j) * this->w(k);
                if (j == k) area = area - dt;
                for (std::size_t i = 0; i < d; ++i)
                    next_[i] = next_[i] + Value(0.5) * (by_[i * m + k] - this->b(i, k)) * area / root;
            }
        }
        x.swap(next_);
    }

  private:
    std::vector<Value> next_, y_, by_;
};

/// Platen's explicit scheme of weak order 2, for any noise; autonomous equations. Kloeden and Platen 1992, chapter 15,
/// section 1. With z = x + a dt + b dW, y+-^j = x + a dt +- b^j sqrt(dt), u+-^r = x +- b^r sqrt(dt), and V_rj = -V_jr =
/// sign dt for r < j:
///   x + (1/2)(a(z) + a) dt
///     + (1/4) sum_j [(b^j(y+^j) + b^j(y-^j) + 2 b^j) dW_j + (b^j(y+^j) - b^j(y-^j)) (dW_j^2 - dt)/sqrt(dt)]
///     + (1/4) sum_{j != r} [(b^j(u+^r) + b^j(u-^r) - 2 b^j) dW_j + (b^j(u+^r) - b^j(u-^r)) (dW_j dW_r +
///     V_rj)/sqrt(dt)].
/// dW_j may be normal, or sqrt(3 dt), 0, -sqrt(3 dt) with probabilities 1/6, 2/3, 1/6.
template <class Value = double>
class WeakOrderTwo : public StochasticStepper<Value> {
  public:
    static constexpr double strong_order = 0.5, weak_order = 2;
    static constexpr unsigned short order() { return 2; }

    template <class System>
    void do_step(System system, std::vector<Value>& x, Value t, Value dt) {
        using std::sqrt;
        auto& s = static_cast<typename boost::numeric::odeint::unwrap_reference<System>::type&>(system);
        this->begin(s, x, t, dt);
        const std::size_t d = this->d_, m = this->m_;
        const Value root = sqrt(dt);
        next_ = x;
        drifted_ = x;
        for (std::size_t i = 0; i < d; ++i) drifted_[i] = x[i] + this->a_[i] * dt;
        y_ = drifted_;
        for (std::size_t i = 0; i < d; ++i)
            for (std::size_t j = 0; j < m; ++j) y_[i] = y_[i] + this->b(i, j) * this->w(j);
        a_there_.resize(d);
        s.drift(y_, a_there_, t);
        for (std::size_t i = 0; i < d; ++i) next_[i] = next_[i] + Value(0.5) * (a_there_[i] + this->a_[i]) * dt;
        for (std::size_t r = 0; r < m; ++r) {
            evaluate_beside(s, drifted_, r, root, t);
            const Value spread = (this->w(r) * this->w(r) - dt) / root;
            for (std::size_t i = 0; i < d; ++i) add(i, r, Value(2.0), spread);
            if (m == 1) break;
            evaluate_beside(s, x, r, root, t);
            for (std::size_t j = 0; j < m; ++j)
                for (std::size_t i = 0; i < d && j != r; ++i)
                    add(i, j, Value(-2.0), (this->w(j) * this->w(r) + antisymmetric(r, j, dt)) / root);
        }
        x.swap(next_);
    }

  private:
    /// b at point +- b^r sqrt(dt).
    template <class System>
    void evaluate_beside(System& s, const std::vector<Value>& point, std::size_t r, const Value& root, const Value& t) {
        plus_.resize(this->d_ * this->m_);
        minus_.resize(this->d_ * this->m_);
        for (std::size_t i = 0; i < this->d_; ++i) y_[i] = point[i] + this->b(i, r) * root;
        s.diffusion(y_, plus_, t);
        for (std::size_t i = 0; i < this->d_; ++i) y_[i] = point[i] - this->b(i, r) * root;
        s.diffusion(y_, minus_, t);
    }
    /// (1/4)[(b^j(+) + b^j(-) + centre b^j) dW_j + (b^j(+) - b^j(-)) spread], component i.
    void add(std::size_t i, std::size_t j, const Value& centre, const Value& spread) {
        const Value &up = plus_[i * this->m_ + j], &down = minus_[i * this->m_ + j];
        next_[i] = next_[i] + Value(0.25) * ((up + down + centre * this->b(i, j)) * this->w(j) + (up - down) * spread);
    }
    Value antisymmetric(std::size_t r, std::size_t j, const Value& dt) const {
        const std::size_t high = r < j ? j : r, low = r < j ? r : j;
        const Value v = this->noise_.signs[high * (high - 1) / 2 + low] * dt;
        return r < j ? v : Value(0.0) - v;
    }

    std::vector<Value> next_, drifted_, y_, a_there_, plus_, minus_;
};

}  // namespace foldback::flows
