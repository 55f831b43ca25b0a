# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#
# How an RTL file list becomes a static library. Verilator's own CMake function runs it at
# configure time, where one lint error would stop the provider and the tests from building too.

find_program(VERILATOR verilator)
find_program(MAKE_PROGRAM make)

# tern_verilate(NAME DIRECTORY SOURCES... [TRACE])
#
# Makes the library target NAME from Verilog sources or -f lists relative to DIRECTORY. Nothing
# is public and nothing is traced unless TRACE is given: both cost several times the speed.
# -march=native was measured and gains nothing, so the binaries stay portable.
function(tern_verilate name directory)
  cmake_parse_arguments(RTL "TRACE" "" "" ${ARGN})
  set(out ${CMAKE_CURRENT_BINARY_DIR}/${name})
  set(flags --cc -O3 --x-assign fast --x-initial fast -Wall --prefix Vtern_top
      --top-module tern_top --Mdir ${out} --quiet-stats)
  if(RTL_TRACE)
    list(APPEND flags --trace-fst --trace-structs)
  endif()
  file(GLOB_RECURSE inputs CONFIGURE_DEPENDS
       ${directory}/*.sv ${directory}/*.svh ${directory}/*.vlt ${directory}/*.f)

  add_custom_command(
    OUTPUT ${out}/libVtern_top.a ${out}/libverilated.a
    BYPRODUCTS ${out}/Vtern_top.h
    COMMAND ${VERILATOR} ${flags} ${RTL_UNPARSED_ARGUMENTS}
    COMMAND ${MAKE_PROGRAM} --silent -j 2 -C ${out} -f Vtern_top.mk
            OPT_FAST=-O2 OPT_SLOW=-O1 OPT_GLOBAL=-O2 libVtern_top
    WORKING_DIRECTORY ${directory}
    DEPENDS ${inputs}
    COMMENT "Verilating ${name}"
    VERBATIM)
  add_custom_target(${name}_files DEPENDS ${out}/libVtern_top.a)

  execute_process(COMMAND ${VERILATOR} --getenv VERILATOR_ROOT OUTPUT_VARIABLE root
                  OUTPUT_STRIP_TRAILING_WHITESPACE)
  add_library(${name} INTERFACE)
  add_dependencies(${name} ${name}_files)
  target_include_directories(${name} SYSTEM INTERFACE ${out} ${root}/include
                             ${root}/include/vltstd)
  target_link_libraries(${name} INTERFACE ${out}/libVtern_top.a ${out}/libverilated.a pthread)
  target_compile_definitions(${name} INTERFACE VM_TRACE=$<BOOL:${RTL_TRACE}>
                             VM_TRACE_FST=$<BOOL:${RTL_TRACE}>)
  if(RTL_TRACE)
    target_link_libraries(${name} INTERFACE z)
  endif()
endfunction()

# tern_add_simulator(NAME RTL): the simulator around the RTL of a tern_verilate() target
function(tern_add_simulator name rtl)
  add_executable(${name} ${TERN_SIM_DIR}/main.c ${TERN_SIM_DIR}/rtl.cc)
  target_compile_options(${name} PRIVATE -Wall -Wextra -Werror)
  target_link_libraries(${name} PRIVATE tern_sim ${rtl})
endfunction()
