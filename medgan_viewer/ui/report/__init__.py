"""The report: pictures, findings, volumes and measurements of a study on paper (PDF, A4)."""
