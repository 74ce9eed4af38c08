#!/bin/bash
# fuzz.sh [TARGET [RUNS]]: builds a Jazzer target and runs it on so many inputs (a million) which it invents by what they reach in the code;
# without a target, names them all. Ends with "Done N runs", or at the first input that breaks something: that is left as crash-* in
# .kingcdn/fuzz/TARGET, where the inputs that reached something new are kept for the next run, too. A copy of crash-* belongs into the target's
# seeds, src/test/resources/.../TARGETInputs/METHOD, which run with all tests. BUILD=no takes what was built; one core, a gigabyte.
set -eu
cd "$(dirname "$0")/../.."
root=$PWD
targets() { find . -path '*/src/test/java/*FuzzTest.java' -exec grep -l '@FuzzTest' {} + | sort; }
if [ $# = 0 ]; then
  targets | sed 's|.*/||; s|\.java$||'
  exit
fi
source=$(targets | grep "/$1.java$") || { echo "fuzz.sh: there is no target $1" >&2; exit 1; }
module=$(cut -d/ -f2 <<<"$source")
class=$(sed 's|.*/src/test/java/||; s|\.java$||; s|/|.|g' <<<"$source")
if [ "${BUILD:-yes}" = yes ]; then
  mvn -B -q ${MVN_ARGS:-} -pl "$module" -am test-compile dependency:build-classpath -Dmdep.includeScope=test -Dmdep.outputFile=target/fuzz.classpath
fi

dir=$root/.kingcdn/fuzz/$1
mkdir -p "$dir"
# the tree may change while this runs
for part in "$module/target/test-classes" "$module/target/classes" common/target/classes; do
  rm -rf "${dir:?}/build/$part"
  mkdir -p "$dir/build/$part"
  cp -r "$part/." "$dir/build/$part"
done
build=$dir/build
cd "$dir"
# bounded time: an input that takes five seconds is a finding
exec java -Xmx1g -XX:+UseSerialGC -XX:-OmitStackTraceInFastThrow \
  -cp "$build/$module/target/test-classes:$build/$module/target/classes:$build/common/target/classes:$(cat "$root/$module/target/fuzz.classpath")" \
  com.code_intelligence.jazzer.Jazzer --target_class="$class" --instrumentation_includes='com.kingcdn.**:org.xbill.**' \
  --max_duration=24h -runs="${2:-1000000}" -timeout=5 -max_len="${MAX_LEN:-4096}" -print_final_stats=1
