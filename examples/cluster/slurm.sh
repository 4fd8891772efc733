#!/bin/bash
# One training on the GPUs of several nodes, under Slurm:
#
#   sbatch examples/cluster/slurm.sh --flagfile=configs/h36m_243f.cfg --data_dir=DIR \
#       --output_dir=runs/h36m
#
# A worker a node, on all its GPUs. After a failed node Slurm starts the job again (scontrol
# requeue, or --requeue), and --resume goes on from the last checkpoint.
#SBATCH --job-name=anatomy
#SBATCH --nodes=2
#SBATCH --ntasks-per-node=1
#SBATCH --gpus-per-node=8
#SBATCH --cpus-per-task=32
#SBATCH --time=24:00:00
#SBATCH --requeue
set -eu
export PORT="${PORT:-29400}"
WORKERS=$(scontrol show hostnames "$SLURM_JOB_NODELIST" | sed "s/.*/\"&:$PORT\"/" | paste -sd, -)
export WORKERS
# Each task makes its own TF_CONFIG; the first to fail ends the others.
exec srun --kill-on-bad-exit=1 bash -c '
export TF_CONFIG="{\"cluster\": {\"worker\": [$WORKERS]},
    \"task\": {\"type\": \"worker\", \"index\": $SLURM_PROCID}}"
exec python tools/train.py --strategy=multi_worker --resume "$@"' worker "$@"
