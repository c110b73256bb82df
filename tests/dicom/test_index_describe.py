"""The catalogue as JSON: exactly the keys that the command line promises."""

import json
from pathlib import Path

import numpy as np

from medgan_viewer.core.catalog import Catalog
from medgan_viewer.dicom import assemble, export, index, nifti
from medgan_viewer.dicom.describe import describe
from tests.dicom.export_builder import label_layer, opened, write_source
from tests.dicom_builder import CORONAL, enhanced_dataset, ramp, save, write_series


def test_the_description_has_exactly_the_promised_keys_and_is_json(tmp_path: Path) -> None:
    write_series(tmp_path, ramp((3, 4, 5)), SeriesDescription="Head 3 mm", step=(0, 0, 3), spacing=(0.5, 0.75))
    (tmp_path / "notes.dcm").write_text("not an image, and long enough to be read as something" * 5)
    found = json.loads(json.dumps(describe(index.scan([tmp_path]))))
    affine = [[0, 0, 0.75, 0], [0, 0.5, 0, 0], [3, 0, 0, 0], [0, 0, 0, 1]]
    assert found == {
        "studies": [
            {
                "uid": "1.2.3.1",
                "patient_name": "Built^Exactly",
                "patient_id": "T-1",
                "date": "20260102",
                "series": [
                    {
                        "uid": "1.2.3.1.1",
                        "number": 1,
                        "modality": "CT",
                        "description": "Head 3 mm",
                        "instances": 3,
                        "times": 1,
                        "shape": [3, 4, 5],
                        "spacing": [3, 0.5, 0.75],
                        "affine": affine,
                        "frame_of_reference_uid": "1.2.3.9",
                        "synthetic": False,
                        "warnings": [],
                    }
                ],
            }
        ],
        "results": [],
        "refused": [{"path": str(tmp_path / "notes.dcm"), "reason": "This is not a DICOM file."}],
    }


def test_nothing_is_described_as_nothing() -> None:
    assert describe(Catalog()) == {"studies": [], "results": [], "refused": []}


def test_a_multi_frame_file_counts_as_one_instance(tmp_path: Path) -> None:
    save(enhanced_dataset(ramp((3, 4, 5)), [(0, 0, n) for n in range(3)], [0, 0, 0]), tmp_path / "one.dcm")
    (series,) = describe(index.scan([tmp_path]))["studies"][0]["series"]
    assert (series["instances"], series["shape"]) == (1, [3, 4, 5])


def test_the_described_geometry_is_that_of_the_volume_also_where_it_is_resampled(tmp_path: Path) -> None:
    write_series(tmp_path / "tilted", ramp((5, 8, 9)), step=(0, 0.9, 3), SliceThickness="2")
    write_series(
        tmp_path / "coronal", ramp((3, 4, 5)), step=(0, -2, 0), orientation=CORONAL, SeriesInstanceUID="1.2.3.1.2"
    )
    nifti.write(
        assemble.load_stack(index.scan([tmp_path / "coronal"]).studies[0].series[0]).volume(), tmp_path / "v.nii"
    )
    catalog = index.scan([tmp_path])
    described = {series["uid"]: series for study in describe(catalog)["studies"] for series in study["series"]}
    assert len(described) == 3
    for uid, series in described.items():
        volume = assemble.load_stack(catalog.series(uid)).volume()
        assert series["shape"] == list(volume.shape)
        np.testing.assert_allclose(series["affine"], volume.affine, atol=1e-5)
        np.testing.assert_allclose(series["spacing"], volume.spacing, atol=1e-5)


def test_a_result_is_described_with_the_series_that_it_is_about(tmp_path: Path) -> None:
    series, stack = opened(write_source(tmp_path / "source"))
    export.write_dicom([label_layer(series, stack)], series, stack, tmp_path)
    (result,) = describe(index.scan([tmp_path]))["results"]
    assert (result["kind"], result["series"], result["synthetic"]) == ("segmentation", series.uid, False)
