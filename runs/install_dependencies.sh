#!/usr/bin/env bash
# Installs the Debian packages that are missing; says nothing when none is.
# Usage: install_dependencies.sh [build|tests|soak|bench]...
set -euo pipefail

build=(build-essential cmake ninja-build ccache git ca-certificates libhdf5-dev libboost-dev libeigen3-dev libtbb-dev
       libcli11-dev libfmt-dev libtomlplusplus-dev libxxhash-dev libssl-dev nlohmann-json3-dev
       python3 python3-numpy python3-h5py python3-matplotlib)
tests=(doctest-dev librandom123-dev librapidcheck-dev python3-xarray python3-netcdf4 python3-h5netcdf netcdf-bin hdf5-tools binutils)
bench=(libbenchmark-dev librandom123-dev python3-numba python3-torch xmds2 libfftw3-dev pkg-config linux-perf)
soak=(clang clang-tidy clang-format gcovr libclang-rt-14-dev g++-aarch64-linux-gnu qemu-user)

wanted=()
for set in "${@:-build}"; do
    declare -n packages="$set"
    wanted+=("${packages[@]}")
done

missing=()
for package in "${wanted[@]}"; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
done
[ "${#missing[@]}" -eq 0 ] && exit 0

sudo=()
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || { echo "foldback needs these packages, and neither root nor sudo is at hand: ${missing[*]}" >&2; exit 3; }
    sudo=(sudo)
fi
echo "installing ${#missing[@]} Debian packages: ${missing[*]}"
log=$(mktemp)
if ! { "${sudo[@]}" apt-get update -qq && "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    echo "apt-get could not install: ${missing[*]} (whole log: $log)" >&2
    exit 3
fi
rm -f "$log"
