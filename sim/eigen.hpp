#pragma once
// Eigen without vector kernels, whose rounding would depend on the processor. In every file alike: units that differ in this
// would share Eigen's functions by name, down to which of two ways frees its memory.
#if defined(EIGEN_CORE_H) && !defined(EIGEN_DONT_VECTORIZE)
#error "sim/eigen.hpp comes before any header of Eigen's"
#endif
#ifndef EIGEN_DONT_VECTORIZE
#define EIGEN_DONT_VECTORIZE
#endif
#include <Eigen/Core>
