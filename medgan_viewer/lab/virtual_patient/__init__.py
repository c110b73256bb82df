"""A patient who does not exist: a head generated from a seed, and its CT and MR study.

``ensure_study(cache_folder, seed)`` is what the demo calls. No torch, no Qt: it may run in any process or thread.
"""

from medgan_viewer.lab.virtual_patient.head import VirtualHead, generate_head
from medgan_viewer.lab.virtual_patient.scanner import Scan, scan_head
from medgan_viewer.lab.virtual_patient.study import DEMO_SEED, ensure_study, write_study

__all__ = ["DEMO_SEED", "Scan", "VirtualHead", "ensure_study", "generate_head", "scan_head", "write_study"]
