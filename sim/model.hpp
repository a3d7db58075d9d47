#pragma once
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "sim/block.hpp"
#include "sim/isa.hpp"
#include "sim/quantity.hpp"
#include "sim/truth.hpp"

namespace foldback {

class Settings;

/// portable: the same bits on every processor and compiler; same_libm: it goes through libm or Boost.Random's distributions.
enum class Bits { portable, same_libm };
constexpr const char* name(Bits bits) { return bits == Bits::portable ? "portable" : "same_libm"; }

/// A parameter as it is written to /model: row-major values, shape empty for a scalar.
struct NamedArray {
    std::string name;
    std::vector<std::size_t> shape;
    std::vector<double> values;
};

/// A random map with its kind erased: what ensembles, files and claims see of it.
class Model {
  public:
    virtual ~Model();
    virtual std::string kind() const = 0;
    virtual int dimension() const = 0;
    /// Of the chain that makes its loss, 0 where there is none (sim/pass_observables.hpp).
    virtual std::size_t operators() const = 0;
    virtual Bits bits() const = 0;
    virtual std::string metric() const = 0;
    virtual std::vector<NamedArray> parameters() const = 0;
    virtual Truth truth() const = 0;
    virtual bool has_lipschitz() const = 0;
    virtual bool has_composition() const = 0;
    /// Whether the observable can be computed for this model; Lipschitz constants are asked for by has_lipschitz().
    virtual bool offers(Quantity quantity) const = 0;
    /// The start that a table { kind = "zero" } describes; reads it, the caller finishes it.
    virtual std::vector<double> named_start(Settings& table) const = 0;
    /// Throws ConfigError when x is outside the state space.
    virtual void check_start(std::span<const double> x) const = 0;
    virtual double distance(std::span<const double> x, std::span<const double> y) const = 0;
    /// The instruction sets this model is compiled for.
    virtual std::vector<Isa> instruction_sets() const = 0;
    /// lanes = 0: the widest of that instruction set; 1: one at a time. A model compiled for a single instruction set uses that
    /// one. The kernel must not outlive the model. Throws ConfigError for other lanes.
    virtual std::unique_ptr<BlockKernel> kernel(Isa isa, int lanes) const = 0;
};

/// A kind of model: how to make one from its [model] table.
struct ModelEntry {
    std::string kind;
    std::string summary;  ///< one line: the map and what it is for
    std::string example;  ///< the lines of a [model] table, ready to paste
    std::function<std::unique_ptr<Model>(Settings&)> make;
};

/// The kinds a program knows. The built-in ones are in models/registry.def; a user's program adds its own.
class ModelRegistry {
  public:
    void add(ModelEntry entry);
    const std::vector<ModelEntry>& entries() const { return entries_; }
    /// Makes the model that the table's `kind` names, reading the table strictly. Throws ConfigError, with the nearest kind.
    std::unique_ptr<Model> make(Settings& table) const;

  private:
    std::vector<ModelEntry> entries_;
};

}  // namespace foldback
