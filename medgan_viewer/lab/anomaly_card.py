"""The words of the anomaly model's package: what its numbers alone do not say."""

DESCRIPTION = (
    "Heat map of what does not look like healthy anatomy in axial T1 and FLAIR head MR: a per-pixel"
    " discriminator that compares each slice with what a generator of healthy anatomy makes of it."
)
INTENDED_USE = (
    "Research only. The map draws the eye to places that look unusual; it names no disease, and a cold map"
    " does not mean healthy: never for diagnosis."
)
LIMITS = (
    "Healthy people score high as well: at the 5 % threshold only striking disease is listed, and faint or small"
    " disease stays below it. On the small lesions of two patients with multiple sclerosis a plain intensity"
    " threshold is better.",
    "The map is smooth: it shows where to look, over 5 to 10 mm, and no outline; large lesions may light up at their"
    " rim or core only.",
    "It has seen no real disease: it learned from simulated anomalies, and misses what they do not resemble,"
    " such as thin infiltrating edges, slight atrophy and small lesions of a few millimetres.",
    "What healthy FLAIR looks like it learned from simulated heads and three patients of one scanner; other"
    " protocols light up more, above all at the skull base, the orbits and the vertex.",
    "The false-alarm rates for T1 hold for young and middle-aged adults on the scanners of the IXI dataset"
    " only; for FLAIR there are no healthy people to calibrate on, so its rates are a reference without any"
    " guarantee.",
    "Slices are judged one by one; contrast-enhanced T1, T2, children, operated heads and implants were not"
    " trained on.",
)
LICENCE = "CC BY-SA 3.0"
TRAINING_DATA = (
    {
        "name": "IXI, T1 of 30 healthy adults at 2 mm (role train)",
        "licence": "CC BY-SA 3.0 (share alike: inherited)",
    },
    {
        "name": "T1 and FLAIR simulated from head_labels 01-12 (SynthSeg label maps)",
        "licence": "Apache-2.0",
    },
    {
        "name": "Ljubljana MS data base, T1 and FLAIR of patients 01, 03, 04, suspicious pixels left out",
        "licence": "CC BY",
    },
)
PROTOCOL = (
    "Patients never trained on. Glioma: 14 test patients of TCGA-LGG, none of that data base trained on,"
    " every slice, pixels inside a crude skull mask (10 mm inside the head). MS: patients 07 and 26 of the"
    " Ljubljana data base (skull-stripped, whole brain; other patients of that data base were trained on)."
    " Each score as the viewer smooths it (mean of 3 x 3). Baseline: intensity in units of the brain's median,"
    " median of 5 x 5 (bright for FLAIR, dark for T1). Residual: what the generator changed, median of 5 x 5."
    " Dice is taken at the threshold which that share of healthy pixels exceeds, not at the best one. Weights"
    " in half precision, as shipped."
)
CARD = """# {name}

{description} **{intended_use}**

## How it was made

Two small U-Nets (`medgan_viewer/models/networks/restoring_discriminator.py`), trained together by this project
(`resources/recipes/head-anomaly.toml`, method `restoring`) in {minutes} minutes ({steps} steps of {batch} slices).
The *generator* learns to give a healthy slice back after coarse noise or a simulated anomaly was put over it; the
*discriminator* sees slice, reconstruction and their difference and learns, pixel by pixel, to tell healthy
anatomy from simulated anomalies (focal and Dice loss). The anomalies have smooth edges: brighter, darker, of a
new intensity or texture, blurred, moved in from elsewhere, with a core, with mass effect; bright in FLAIR and
dark in T1 most of the time. No real lesion was ever shown to it as one.

Training data:
{data}

## Numbers

{protocol}

| test | measure | heat map | residual | plain intensity | patients | spread |
|---|---|---|---|---|---|---|
{rows}

For comparison: a throw-away model of the same kind trained on 867 tumour-free FLAIR slices *of the same data
base* as the glioma test reached AUPRC .67 (plain threshold .20 on its own mask); that data is not free, so
nothing of it is in here.

## Calibration

The unit is the patient. For T1, 24 healthy adults of IXI who were never trained on ran through the viewer's own
preparation; a person's level is the highest threshold at which a region of 0.1 ml is left. Their levels:
{levels}. A threshold for the false-alarm rate a is the ceil(25 (1 - a))-th smallest of them. For FLAIR there are
no healthy people in the data: the thresholds come from the tumour-free slices of 68 glioma patients (never
trained on), where undetected disease sets the highest scores; rates under 20 % are not given, and none is
guaranteed.

| contrast | false-alarm rate per patient | threshold | guaranteed |
|---|---|---|---|
{rates}

## Limits

{limits}

## Licence

{licence}, inherited from the IXI scans among the training data (share alike); see LICENSE for the sources.
"""
