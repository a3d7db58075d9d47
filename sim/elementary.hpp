#pragma once

// Elementary functions that give the same bits on every lane width, instruction set and compiler. They use only
// + - * / sqrt, explicit fma and integer operations in a fixed order, no libm and no tables in memory; a lane's bits
// never depend on its neighbours. Each exists for double, lane by lane for Lanes<W>, and with its derivative for
// dual numbers over both:
//
//     exp  expm1  log  log1p  pow  tanh                 sim/elementary_exp_log.hpp
//     sin  cos  sincos  sincos_turns  atan              sim/elementary_trig.hpp
//     their chain rules                                 sim/dual.hpp
//
// NaN arguments, and arguments outside the domain, give one canonical quiet NaN (bits 0x7ff8000000000000), because the
// NaNs that processors produce differ in sign and payload. The processor must round to nearest and keep denormals.
#include "sim/dual.hpp"
#include "sim/elementary_exp_log.hpp"
#include "sim/elementary_trig.hpp"
