#!/usr/bin/env bash
# Serves Seed-X on every GPU of this machine, one server each, until it is told to stop: ports 8000, 8001, …
#   deploy/gpu/serve-seed-x.sh [number of GPUs]
# Prints the value of SEEDX_URL for pipeline.yaml first; kalam sends each call to the server that has the fewest under way.
set -euo pipefail
gpus=${1:-$(nvidia-smi --list-gpus | wc -l)}
urls=()
for ((gpu = 0; gpu < gpus; gpu++)); do urls+=("http://127.0.0.1:$((8000 + gpu))/v1"); done
(IFS=, && echo "SEEDX_URL=${urls[*]}")
trap 'kill $(jobs -p) 2>/dev/null || true' EXIT
for ((gpu = 0; gpu < gpus; gpu++)); do
  CUDA_VISIBLE_DEVICES=$gpu VLLM_USE_V1=0 vllm serve ByteDance-Seed/Seed-X-PPO-7B --host 127.0.0.1 --port $((8000 + gpu)) \
    --dtype half --max-model-len 2048 --max-num-seqs 256 --gpu-memory-utilization 0.92 --disable-log-requests &
done
# One that ends takes the others along: a service manager starts all of them again.
wait -n
