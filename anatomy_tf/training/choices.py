"""What training can be told by name."""

OPTIMIZERS = ("adam", "adamw", "lamb", "radam", "lookahead")
"""`adam`: the published one, with amsgrad. `adamw`: the same, and weights decay. `lamb`: steps as
long as a layer's weights allow (You et al., 2020). `radam`: Adam whose first steps are rectified
(Liu et al., 2020). `lookahead`: around `radam`, weights that follow slowly (Zhang et al., 2019), by
both together known as Ranger.
"""
OPTIMIZERS_OF_ADDONS = ("radam", "lookahead")
"""Those that only tensorflow-addons has; without it, Keras 2 has no `lamb` either."""

WEIGHT_AVERAGES = ("none", "ema", "swa")
"""`none` keeps the last weights. `ema` is an exponential moving average over the steps. `swa` is
the mean of the weights at the ends of the last quarter of the epochs (Izmailov et al., 2018).
"""

LEARNING_RATE_SCHEDULES = ("exponential", "cosine")
"""How the learning rate falls: by a factor an epoch (the paper's), or along half a wave to 0."""
