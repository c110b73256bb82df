"""What the bundled models are called and do, for the catalogues of translations: manifests are no source."""

from medgan_viewer.wording import marked

__all__ = ["DESCRIPTIONS", "NAMES"]

# Word for word as in the manifests; those of other models are shown as they are. Marks and files name a model in
# English: whoever sees them must know it anywhere.
NAMES = (
    marked("Low-dose CT"),
    marked("Anatomy of the head (CT, MR)"),
    marked("Anomaly heat map (FLAIR, from glioma patients)"),
    marked("Anomaly heat map (T1, FLAIR)"),
    marked("CT → MR (T1, T2, FLAIR)"),
    marked("MR → CT"),
    marked("Low-grade glioma (FLAIR)"),
    marked("MR contrast (T1 → T2, FLAIR)"),
    marked("MR contrast from glioma patients (T1 → FLAIR)"),
    marked("MR contrast (T1 + T2 → FLAIR)"),
    marked("MR with less noise and thinner slices"),
    marked("Higher-field-like MR (simulated 7 T)"),
)
DESCRIPTIONS = (
    marked(
        "Takes noise out of a CT with few photons, as much of it as the reader wants, on the grid on which it"
        " was acquired."
    ),
    marked("Divides the head in CT or MR into thirteen tissues and structures."),
    marked(
        "Heat map of what does not look like healthy anatomy in axial FLAIR head MR: a per-pixel "
        "discriminator that compares each slice with what a generator of healthy anatomy makes of it."
    ),
    marked(
        "Heat map of what does not look like healthy anatomy in axial T1 and FLAIR head MR: a per-pixel "
        "discriminator that compares each slice with what a generator of healthy anatomy makes of it."
    ),
    marked("Shows a head CT as a T1-weighted, a T2-weighted and a FLAIR MR of one fixed protocol might look."),
    marked("Estimates CT numbers of the head from one T1-, T2- or FLAIR-weighted MR series."),
    marked("Outlines low-grade glioma in axial FLAIR of the head, with the T1 beside it where there is one."),
    marked("Estimates a T2- and a FLAIR-weighted MR of the head from one T1-weighted MR series."),
    marked(
        "Estimates a FLAIR of the head from one T1-weighted MR series, as learned from real patients with "
        "low-grade glioma."
    ),
    marked("Estimates a FLAIR of the head from a T1- and a T2-weighted MR series together."),
    marked("Takes noise out of a T1, T2 or FLAIR of the head and shows its thick slices on a grid of about 2 mm."),
    marked(
        "Estimates what a T1, T2 or FLAIR of the head from a scanner of low field would look like at 7 T, as a "
        "simulation has it: contrast and less noise, no finer detail."
    ),
)
