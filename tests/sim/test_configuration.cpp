#include "sim/configuration.hpp"

#include <doctest/doctest.h>

#include "sim/error.hpp"
#include "sim/step_grid.hpp"
#include "tests/support/configurations.hpp"

using namespace foldback;
using namespace foldback::test;
using Steps = std::vector<std::int64_t>;

namespace {

std::string message_with(std::initializer_list<std::string> settings) {
    try {
        read_with(settings);
    } catch (const ConfigError& error) { return error.what(); }
    return "no error";
}

std::string message(const std::string& text) {
    try {
        read(text);
    } catch (const ConfigError& error) { return error.what(); }
    return "no error";
}

}  // namespace

TEST_CASE("configuration: defaults") {
    const Configuration c = read(minimal);
    CHECK(c.title.empty());
    CHECK(to_json(c.model) == R"({"kind":"bernoulli_convolution","lambda":0.5})");
    CHECK(c.ensemble.seed == 7);
    CHECK(c.ensemble.replicas == 1000);
    CHECK(c.ensemble.starts == std::vector<std::vector<double>>{{-1.0}, {1.0}});
    CHECK(c.ensemble.orders == std::vector<std::string>{"forward", "backward"});
    CHECK(c.ensemble.steps == Steps{1, 2, 5});
    CHECK(c.ensemble.merge_tolerance == 0.0);
    CHECK(c.ensemble.backward == "sweep");
    CHECK_FALSE(c.stop.has_value());
    CHECK(c.record == Configuration::Record{});
    CHECK(c.record.states);
    CHECK(c.verify == Configuration::Verify{});
    CHECK(c.verify.alpha == 1e-3);
    CHECK(c.sweep.empty());
    CHECK(sweep_points(c) == 1);
}

TEST_CASE("configuration: everything written") {
    const Configuration c =
        read("title = \"A title\"\n" + model_text +
             "[ensemble]\nseed = 20260330\nreplicas = 100_000\nstarts = [[-1.0, 0], [1.0, 2]]\n"
             "orders = [\"backward\", \"window_16\"]\nsteps = { last = 1000, spacing = \"log\", count = 48 }\n"
             "merge_tolerance = 1e-9\nbackward = \"closed\"\n"
             "[stop]\nproduct = 1e-3\nmax_steps = 5000\n"
             "[record]\nstates = true\nobservables = [\"increment\"]\npaths = 8\nmoments = \"every_step\"\n"
             "precision = \"float32\"\nwindow = 4\n"
             "[verify]\nalpha = 0.01\nclaims = [\"forward-floor\"]\nassume = { rho_2 = 0.45, chi = -1 }\n"
             "[sweep]\n\"model.lambda\" = [0.3, 0.5, 0.7]\nmodel.depth = [2, 4]\n");
    CHECK(c.title == "A title");
    CHECK(c.ensemble.seed == 20260330);
    CHECK(c.ensemble.replicas == 100000);
    CHECK(c.ensemble.starts == std::vector<std::vector<double>>{{-1.0, 0.0}, {1.0, 2.0}});
    CHECK(c.ensemble.orders == std::vector<std::string>{"backward", "window_16"});
    CHECK(c.ensemble.steps == log_grid(1000, 48));
    CHECK(c.ensemble.merge_tolerance == 1e-9);
    CHECK(c.ensemble.backward == "closed");
    CHECK(*c.stop == Configuration::Stop{1e-3, 5000});
    CHECK(c.record == Configuration::Record{true, {"increment"}, 8, true, 4, "float32", {}});
    CHECK(c.verify.alpha == 0.01);
    CHECK(c.verify.claims == std::vector<std::string>{"forward-floor"});
    CHECK(c.verify.assume == std::vector<std::pair<std::string, double>>{{"rho_2", 0.45}, {"chi", -1.0}});
    REQUIRE(c.sweep.size() == 2);
    CHECK(c.sweep[0].key == "model.lambda");
    CHECK(c.sweep[1].key == "model.depth");
    CHECK(c.sweep[1].values[1] == Value(4));
    CHECK(sweep_points(c) == 6);
}

TEST_CASE("configuration: the spike that is recorded") {
    const auto spike = [](const std::string& text) { return read_with({"ensemble.steps={at = [2, 5, 9]}", "record.spike=" + text}).record.spike; };
    CHECK(*spike("{ step = 5 }") == Configuration::Record::Spike{5, 9, std::nullopt});
    CHECK(*spike("{ step = 3, until = 6, level = 0.5 }") == Configuration::Record::Spike{3, 6, 0.5});
    CHECK_FALSE(read_with({}).record.spike);
    const auto why = [](const std::string& text) { return message_with({"ensemble.steps={at = [2, 5, 9]}", "record.spike=" + text}); };
    CHECK(why("{ step = 2 }") == "--set record.spike: record.spike.step is 2; the loss before it needs a checkpoint; the first is 2");
    CHECK(why("{ step = 10 }") == "--set record.spike: record.spike.step is 10; it must be an integer from 1 to 9");
    CHECK(why("{ step = 6, until = 5 }") == "--set record.spike: record.spike.until is 5; it must be an integer from 6 to 9");
    CHECK(why("{ step = 6, until = 8 }") == "--set record.spike: record.spike.until is 8; there is no checkpoint from the spike to there");
    CHECK(why("{ at = 6 }").find("record.spike.step is missing") != std::string::npos);
}

TEST_CASE("configuration: forms of steps") {
    CHECK(read_with({"ensemble.steps={last = 7, spacing = \"linear\", count = 3}"}).ensemble.steps == Steps{2, 5, 7});
    CHECK(read_with({"ensemble.steps={last = 3, spacing = \"every\"}"}).ensemble.steps == Steps{1, 2, 3});
    CHECK(read_with({"ensemble.steps={at = [0, 4]}"}).ensemble.steps == Steps{0, 4});
    CHECK(read_with({"ensemble.steps={at = [2147483646]}"}).ensemble.steps == Steps{2147483646});
    const std::string where = "--set ensemble.steps: ";
    CHECK(message_with({"ensemble.steps={at = [2, 5, 5]}"}) ==
          where + "ensemble.steps.at goes from 5 to 5; the steps must ascend strictly");
    CHECK(message_with({"ensemble.steps={at = [2, 1]}"}) ==
          where + "ensemble.steps.at goes from 2 to 1; the steps must ascend strictly");
    CHECK(message_with({"ensemble.steps={at = []}"}) ==
          where + "ensemble.steps.at is empty; it must hold at least one integer");
    CHECK(message_with({"ensemble.steps={at = [0]}"}) ==
          where + "ensemble.steps.at holds only the start, step 0; add at least one step >= 1");
    CHECK(message_with({"ensemble.steps={at = [-1, 2]}"}) ==
          where + "ensemble.steps.at.0 is -1; it must be an integer from 0 to 2147483646");
    CHECK(message_with({"ensemble.steps={at = [1], last = 3}"}) ==
          where + "ensemble.steps.last stands beside at; write either at = [1, 2, 5] or last, spacing and count");
    CHECK(message_with({"ensemble.steps={last = 2147483647, spacing = \"log\", count = 3}"}) ==
          where + "ensemble.steps.last is 2147483647; it must be an integer from 1 to 2147483646");
    CHECK(message_with({"ensemble.steps={last = 0, spacing = \"log\", count = 3}"}) ==
          where + "ensemble.steps.last is 0; it must be an integer from 1 to 2147483646");
    CHECK(message_with({"ensemble.steps={last = 10, spacing = \"log\", count = 1}"}) ==
          where + "ensemble.steps.count is 1; it must be an integer from 2 to 1000000");
    CHECK(message_with({"ensemble.steps={last = 10, spacing = \"lin\", count = 5}"}) ==
          where + "ensemble.steps.spacing is 'lin', which is unknown; valid: log, linear, every");
    CHECK(message_with({"ensemble.steps={last = 10, count = 5}"}) ==
          where + "ensemble.steps.spacing is missing; write spacing = a name in quotes; valid: log, linear, every");
    CHECK(message_with({"ensemble.steps={last = 1000001, spacing = \"every\"}"}) ==
          where +
              "ensemble.steps.last asks for 1000001 checkpoints; with spacing = \"every\" it must be at most 1000000");
    CHECK(message_with({"ensemble.steps={last = 10, spacing = \"every\", count = 3}"}) ==
          where + "ensemble.steps.count stands beside spacing = \"every\"; leave count out");
    CHECK(message_with({"ensemble.steps=[1, 2]"}) ==
          where +
              "ensemble.steps is an array of 2; write steps = { last = 1000, spacing = \"log\", count = 48 }, "
              "or steps = { at = [1, 2, 5] }");
    CHECK(message_with({"ensemble.steps.cuont=3"}) ==
          "--set ensemble.steps.cuont: ensemble.steps.cuont is an unknown key; did you mean 'count'? "
          "(valid: at, last, spacing, count, time)");
}

TEST_CASE("configuration: steps at times, for every step size of the run") {
    const auto timed = [](const std::string& times, const std::string& more = "") {
        return "[model]\nkind = \"sgd\"\nstep = 0.1\n[ensemble]\nseed = 1\nreplicas = 2\nstarts = [0.0]\nsteps = { " +
               times + " }\n" + more;
    };
    const Configuration one = read(timed("time = [0.5, 1]"));
    CHECK(one.ensemble.steps == Steps{5, 10});
    CHECK(one.ensemble.times == std::vector<double>{0.5, 1});
    const std::string sweep = "[sweep]\n\"model.batch\" = [1, 2]\n\"model.step\" = [0.25, 0.125, 0.05]\n";
    const Configuration swept = read(timed("time = [0.5, 1.0]", sweep));
    CHECK(swept.ensemble.steps == Steps{2, 4, 8, 10, 20});
    CHECK(read_configuration(resolved(swept), known) == swept);
    CHECK(to_json(*resolved(swept).find("ensemble")->find("steps")) == R"({"time":[0.5,1.0]})");
    CHECK(message(timed("time = [0.5, 0.75]")) ==
          "f.toml:8:24: ensemble.steps.time.1 is 0.75, which is 7.5 steps of 0.1; a time must be a whole number of steps, "
          "1 to 2147483646 of them, for every model.step of the run");
    CHECK(message(timed("time = [0.5, 0.5]")) ==
          "f.toml:8:24: ensemble.steps.time.1 is 0.5 after 0.5; the times must ascend strictly");
    CHECK(message(timed("time = [0.0]")) == "f.toml:8:19: ensemble.steps.time.0 is 0; it must be a number > 0");
    CHECK(message(timed("time = [1e9]")).find("is 1e+10 steps of 0.1") != std::string::npos);
    CHECK(message(timed("time = [0.5], last = 3")) ==
          "f.toml:8:32: ensemble.steps.last stands beside time; write time = [0.5, 1.0] alone");
    CHECK(message(timed("at = [5], time = [0.5]")).find("ensemble.steps.time stands beside at") != std::string::npos);
    CHECK(message_with({"ensemble.steps={time = [0.5]}"}) ==
          "--set ensemble.steps: ensemble.steps.time stands in a run whose model has no constant step; times are t = n "
          "model.step; write at = [1, 2, 5] instead");
}

TEST_CASE("configuration: a missing seed is explained with an example") {
    const std::string text = model_text + "[ensemble]\nreplicas = 3\n";
    CHECK(message(text) ==
          "f.toml:4:1: ensemble.seed is missing; every run needs a seed, the number that names its random draws and "
          "makes "
          "it repeatable; write one of your own under [ensemble], for example seed = 20260330");
    CHECK(message(text + "sed = 4\n")
              .find("ensemble.seed is missing (is 'sed' at f.toml:6:1 meant to be it?); every run") !=
          std::string::npos);
}

TEST_CASE("configuration: missing parts") {
    CHECK(message("") == "f.toml: model is missing; write a table [model] that begins with kind = \"...\"");
    CHECK(message("[model]\n") == "f.toml:1:1: model.kind is missing; write kind = a text in quotes");
    CHECK(message("model = 3") == "f.toml:1:9: model is 3; it must be a table of keys");
    CHECK(message("[model]\nkind = 3") == "f.toml:2:8: model.kind is 3; it must be a text in quotes");
    CHECK(message(model_text) ==
          "f.toml: ensemble is missing; write a table [ensemble] with seed, replicas, starts and steps");
    CHECK(message(model_text + "[ensembel]\n") ==
          "f.toml: ensemble is missing (is 'ensembel' at f.toml:4:2 meant to be it?); write a table [ensemble] with "
          "seed, "
          "replicas, starts and steps");
    CHECK(message(model_text + "[ensemble]\nseed = 1\n") ==
          "f.toml:4:1: ensemble.replicas is missing; write replicas = an integer from 1 to 4294967295");
    CHECK(
        message(model_text + "[ensemble]\nseed = 1\nreplicas = 2\n") ==
        "f.toml:4:1: ensemble.starts is missing; list at least one start, as in starts = [[-1.0, 0.0], [1.0, 0.0]], or "
        "[-1.0, 1.0] in one dimension, or [{ kind = \"zero\" }]");
    CHECK(message(model_text + "[ensemble]\nseed = 1\nreplicas = 2\nstarts = [0.0]\n") ==
          "f.toml:4:1: ensemble.steps is missing; write steps = { last = 1000, spacing = \"log\", count = 48 }, or "
          "steps = "
          "{ at = [1, 2, 5] }");
    CHECK(message_with({"stop.product=0.5"}) ==
          "--set stop.product: stop.max_steps is missing; write max_steps = an integer from 1 to 2147483646");
}

TEST_CASE("configuration: unknown keys name place and nearest key") {
    CHECK(message(minimal + "replcias = 3\n") ==
          "f.toml:9:1: ensemble.replcias is an unknown key; did you mean 'replicas'? "
          "(valid: seed, replicas, starts, orders, steps, merge_tolerance, backward)");
    CHECK(message(minimal + "[recrod]\n") ==
          "f.toml:9:2: recrod is an unknown key; did you mean 'record'? "
          "(valid: title, model, ensemble, stop, sweep, record, verify)");
    CHECK(message(minimal + "[verify]\nassume = { rho2 = 0.5 }\n") ==
          "f.toml:10:12: verify.assume.rho2 is an unknown key; did you mean 'rho_2'? (valid: rho_2, chi)");
    CHECK(message_with({"record.state=false"}) ==
          "--set record.state: record.state is an unknown key; did you mean 'states'? "
          "(valid: states, observables, paths, moments, window, spike, precision)");
}

TEST_CASE("configuration: values out of range") {
    CHECK(message_with({"ensemble.seed=-1"}) == "--set ensemble.seed: ensemble.seed is -1; it must be an integer >= 0");
    CHECK(message_with({"ensemble.replicas=0"}) ==
          "--set ensemble.replicas: ensemble.replicas is 0; it must be an integer from 1 to 4294967295");
    CHECK(message_with({"ensemble.replicas=4294967296"}).find("is 4294967296; it must be") != std::string::npos);
    CHECK(read_with({"ensemble.replicas=4294967295"}).ensemble.replicas == 4294967295ULL);
    CHECK(message_with({"ensemble.replicas=1e5"}) ==
          "--set ensemble.replicas: ensemble.replicas is a number (1e+05); it must be an integer from 1 to 4294967295, "
          "written without a point");
    CHECK(message_with({"ensemble.starts=[]"}).find("ensemble.starts is an empty array; list at least one start, as") !=
          std::string::npos);
    CHECK(message_with({"ensemble.starts=[[0.0, 1.0], [0.0]]"}) ==
          "--set ensemble.starts: ensemble.starts.1 has length 1; every start must be as long as the first, 2");
    CHECK(message_with({"ensemble.starts=[0.0, nan]"}) ==
          "--set ensemble.starts: ensemble.starts.1 is nan; it must be a finite number");
    CHECK(message_with({"ensemble.orders=[]"}) ==
          "--set ensemble.orders: ensemble.orders is empty; name at least one; valid: forward, backward, palindrome, "
          "window_#");
    CHECK(message_with({"ensemble.orders=[\"bakward\"]"}) ==
          "--set ensemble.orders: ensemble.orders.0 is 'bakward', which is unknown; did you mean 'backward'? "
          "(valid: forward, backward, palindrome, window_#)");
    CHECK(message_with({"ensemble.orders=[\"forward\", \"forward\"]"}) ==
          "--set ensemble.orders: ensemble.orders.1 is 'forward' a second time; name each only once");
    CHECK(message_with({"ensemble.merge_tolerance=-1e-9"}) ==
          "--set ensemble.merge_tolerance: ensemble.merge_tolerance is -1e-09; it must be a number >= 0");
    CHECK(message_with({"ensemble.backward=fast"}) ==
          "--set ensemble.backward: ensemble.backward is 'fast', which is unknown; valid: sweep, closed");
    CHECK(message_with({"stop={product = 1.0, max_steps = 5}"}) ==
          "--set stop: stop.product is 1; it must be a number in (0, 1)");
    CHECK(message_with({"stop={product = 0.5, max_steps = 0}"}) ==
          "--set stop: stop.max_steps is 0; it must be an integer from 1 to 2147483646");
    CHECK(message_with({"record.paths=65"}) ==
          "--set record.paths: record.paths is 65; it must be an integer from 0 to 64");
    CHECK(message_with({"record.paths=8", "ensemble.replicas=5"}) ==
          "--set record.paths: record.paths is 8; it must be at most ensemble.replicas, 5");
    CHECK(message_with({"record.moments=all"}) ==
          "--set record.moments: record.moments is 'all', which is unknown; valid: checkpoints, every_step");
    CHECK(message_with({"record.precision=float16"}).find("did you mean 'float64'?") != std::string::npos);
    CHECK(message_with({"record.observables=[\"incerment\"]"}).find("did you mean 'increment'?") != std::string::npos);
    CHECK(message_with({"verify.alpha=0.5"}) ==
          "--set verify.alpha: verify.alpha is 0.5; it must be a number in (0, 0.5)");
    CHECK(message_with({"verify.claims=[\"forward_floor\"]"}).find("did you mean 'forward-floor'?") !=
          std::string::npos);
    CHECK(message_with({"verify.assume.rho_2=-0.1"}) ==
          "--set verify.assume.rho_2: verify.assume.rho_2 is -0.1; it must be a number >= 0");
    CHECK(message_with({"title=3"}) == "--set title: title is 3; it must be a text in quotes");
}

TEST_CASE("configuration: sweeps") {
    CHECK(message(minimal + "[sweep]\n\"ensemble.seed\" = [1, 2]\n") ==
          "f.toml:10:1: sweep.\"ensemble.seed\" cannot be swept; name a number of the model, as in \"model.lambda\" = "
          "[0.3, 0.5]");
    CHECK(message(minimal + "[sweep]\n\"model.lambda\" = []\n") ==
          "f.toml:10:18: sweep.\"model.lambda\" is empty; it must hold at least one number");
    CHECK(message(minimal + "[sweep]\n\"model.lambda\" = [0.5, 1, 0.5]\n") ==
          "f.toml:10:27: sweep.\"model.lambda\".2 is 0.5 a second time; list each value only once");
    CHECK(message(minimal + "[sweep]\n\"model.lambda\" = [1, 1.0]\n") ==
          "f.toml:10:22: sweep.\"model.lambda\".1 is 1 a second time; list each value only once");
    CHECK(message(minimal + "[sweep]\n\"model.lambda\" = [\"a\"]\n") ==
          "f.toml:10:19: sweep.\"model.lambda\".0 is a string ('a'); it must be a finite number");
    CHECK(message(minimal + "[sweep]\n\"model.lambda\" = [inf]\n").find("is inf; it must be") != std::string::npos);
    CHECK(message(minimal + "[sweep]\n\"model.kind\" = [1]\n").find("cannot be swept") != std::string::npos);
    CHECK(message(minimal + "[sweep]\n\"model\" = [1]\n").find("cannot be swept") != std::string::npos);
    CHECK(message(minimal + "[sweep]\n\"model.lambda\" = [1]\nmodel.lambda = [2]\n") ==
          "f.toml:11:7: sweep.\"model.lambda\" is given twice; keep one of the two lists");
    CHECK(message_with({"sweep=3"}) ==
          "--set sweep: sweep is 3; it must be a table, as in \"model.lambda\" = [0.3, 0.5]");
    CHECK_FALSE(read_with({"sweep.model.lambda=[0.1, 0.2]"}).record.states);
    CHECK(read_with({"sweep.model.lambda=[0.1, 0.2]", "record.states=true"}).record.states);
    std::string values = "1";
    for (int i = 2; i <= 64; ++i) values += ", " + std::to_string(i);
    const std::string axis = "sweep.\"model.lambda\"=[";
    CHECK(sweep_points(read_with({axis + values + "]", "record.states=true"})) == 64);
    CHECK(message_with({axis + values + ", 65]", "record.states=true"}) ==
          "--set record.states: record.states is true for a sweep of 65 points; states are kept for at most 64 points; "
          "write states = false");
    CHECK(message_with({"sweep.model.a=[" + values + "]", "sweep.model.b=[" + values + "]",
                        "sweep.model.c=[" + values + "]", "sweep.model.d=[" + values + "]"})
              .find("sweep has more than 1000000 points; the product") != std::string::npos);
}

TEST_CASE("configuration: the model of a sweep point, the last axis running fastest") {
    const Configuration c = read_with(
        {"model.maps=[{w = 1}, {w = 2}]", "sweep.\"model.lambda\"=[0.3, 0.5]", "sweep.\"model.maps.1.w\"=[7, 8, 9]"});
    REQUIRE(sweep_points(c) == 6);
    CHECK(to_json(model_at(c, 0)) == R"({"kind":"bernoulli_convolution","lambda":0.3,"maps":[{"w":1},{"w":7}]})");
    CHECK(to_json(model_at(c, 1)) == R"({"kind":"bernoulli_convolution","lambda":0.3,"maps":[{"w":1},{"w":8}]})");
    CHECK(to_json(model_at(c, 2)) == R"({"kind":"bernoulli_convolution","lambda":0.3,"maps":[{"w":1},{"w":9}]})");
    CHECK(to_json(model_at(c, 3)) == R"({"kind":"bernoulli_convolution","lambda":0.5,"maps":[{"w":1},{"w":7}]})");
    CHECK(model_at(c, 3).find("lambda")->origin() == "--set sweep.\"model.lambda\"");
    CHECK(model_at(read(minimal), 0) == read(minimal).model);
}
