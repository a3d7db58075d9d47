# Writes OUTPUT, the definition of build_info(), from SOURCE's git state; only when it changed.
execute_process(COMMAND git -C ${SOURCE} rev-parse HEAD OUTPUT_VARIABLE revision OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failed)
set(dirty false)
if(failed)
    set(revision unknown)
else()
    execute_process(COMMAND git -C ${SOURCE} status --porcelain --untracked-files=no OUTPUT_VARIABLE changes ERROR_QUIET)
    if(changes)
        set(dirty true)
    endif()
endif()
file(CONFIGURE OUTPUT ${OUTPUT} @ONLY CONTENT [[
#include "sim/build_info.hpp"

namespace foldback {

const BuildInfo& build_info() {
    static const BuildInfo info{"@VERSION@", "@revision@", @dirty@, "@COMPILER@", "@FLAGS@"};
    return info;
}

}  // namespace foldback
]])
