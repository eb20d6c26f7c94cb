#!/bin/sh
# The main job, end to end: plan, film, verify, audit, peek, train, re-shoot. It takes a few minutes.
# usage: demo.sh MULTITAKE OUT
set -eu
multitake=$1
out=$2
here=$(dirname "$0")
batch=$here/demo-batch.toml
mkdir -p "$out"

look=lit
if ! "$multitake" engine doctor | tee "$out/engines.txt" | grep -q '^lit: ok'; then
  look=fast
fi
cat "$out/engines.txt"
echo "== filming with the look $look"

"$multitake" plan "$batch" --report "$out/plan.html"
"$multitake" generate "$batch" --out "$out/dataset" --workers 2 --look "$look"
"$multitake" status "$out/dataset"
"$multitake" verify "$out/dataset"
"$multitake" audit "$out/dataset" --report "$out/audit.html"
"$multitake" peek "$out/dataset" --out "$out"
"$multitake" train "$here/train-tiny.toml" --data "$out/dataset" --out "$out/run"
tar -xOf "$out/dataset/shards/00000.tar" --wildcards '*.cam01.mp4' --occurrence=1 > "$out/source.mp4"
"$multitake" reshoot "$out/run" --video "$out/source.mp4" --trajectory arc_left --out "$out/reshot.mp4"

echo
echo "the planned rigs:      $out/plan.html"
echo "the audit:             $out/audit.html"
echo "one take, all cameras: $(ls "$out"/*.mp4 | grep -v -e source -e reshot | head -n 1)"
echo "the run:               $out/run"
echo "the re-shot clip:      $out/reshot.mp4 (noise: the model is tiny and random)"
