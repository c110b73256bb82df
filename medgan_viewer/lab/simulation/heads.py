"""Which of the anatomical heads are for what; fixed, so that no number comes from a head that was trained on."""

TRAIN_HEADS: tuple[int, ...] = tuple(range(1, 13))
VALIDATION_HEADS: tuple[int, ...] = (13, 14)
CALIBRATION_HEADS: tuple[int, ...] = (15, 16)
TEST_HEADS: tuple[int, ...] = (17, 18, 19, 20)
