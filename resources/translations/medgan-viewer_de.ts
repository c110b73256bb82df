<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de_DE">
<context>
    <name></name>
    <message>
        <source>Making the virtual patient: a head that belongs to nobody.</source>
        <translation>Der virtuelle Patient wird erzeugt: ein Kopf, der niemandem gehört.</translation>
    </message>
    <message>
        <source>The virtual patient could not be made; the log has the details.</source>
        <translation>Der virtuelle Patient konnte nicht erzeugt werden; Einzelheiten stehen im Protokoll.</translation>
    </message>
    <message>
        <source>The release feed could not be asked; the log has the details.</source>
        <translation>Nach neuen Versionen konnte nicht gefragt werden; Einzelheiten stehen im Protokoll.</translation>
    </message>
    <message>
        <source>Window: → wider, ↑ higher level</source>
        <translation>Fensterung: → breiter, ↑ höhere Lage</translation>
    </message>
    <message>
        <source>Slices</source>
        <translation>Schichten</translation>
    </message>
    <message>
        <source>Move the image</source>
        <translation>Bild verschieben</translation>
    </message>
    <message>
        <source>Zoom</source>
        <translation>Zoom</translation>
    </message>
    <message>
        <source>Crosshair in every linked pane</source>
        <translation>Fadenkreuz in allen gekoppelten Ansichten</translation>
    </message>
    <message>
        <source>Ten slices at a time</source>
        <translation>Zehn Schichten auf einmal</translation>
    </message>
    <message>
        <source>Look</source>
        <translation>Aussehen</translation>
    </message>
    <message>
        <source>Looking</source>
        <translation>Betrachten</translation>
    </message>
    <message>
        <source>Colours of the window.</source>
        <translation>Farben des Programmfensters.</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>Dunkel</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>Hell</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>Sprache</translation>
    </message>
    <message>
        <source>Takes effect at the next start. What marks synthetic images, and what is written to files, is English.</source>
        <translation>Gilt ab dem nächsten Start. Die Kennzeichnung synthetischer Bilder und alles, was in Dateien geschrieben wird, bleibt englisch.</translation>
    </message>
    <message>
        <source>The system&apos;s</source>
        <translation>Wie das System</translation>
    </message>
    <message>
        <source>Link panes</source>
        <translation>Ansichten koppeln</translation>
    </message>
    <message>
        <source>Views of one frame of reference scroll, zoom and pan together.</source>
        <translation>Ansichten mit gemeinsamem Bezugssystem blättern, zoomen und verschieben sich zusammen.</translation>
    </message>
    <message>
        <source>Start with patients hidden</source>
        <translation>Mit verborgenen Patientendaten starten</translation>
    </message>
    <message>
        <source>Patients&apos; data are hidden when the program starts, for teaching and screenshots; a key shows them.</source>
        <translation>Patientendaten sind beim Start verborgen, für Lehre und Bildschirmfotos; eine Taste zeigt sie.</translation>
    </message>
    <message>
        <source>Cine rate</source>
        <translation>Cine-Bildrate</translation>
    </message>
    <message>
        <source>How fast slices and time points are played at first.</source>
        <translation>Wie schnell Schichten und Zeitpunkte anfangs abgespielt werden.</translation>
    </message>
    <message>
        <source>pictures a second</source>
        <translation>Bilder pro Sekunde</translation>
    </message>
    <message>
        <source>Flicker rate</source>
        <translation>Flackerrate</translation>
    </message>
    <message>
        <source>How often original and synthetic image change places; faster than four times a second is a danger to some.</source>
        <translation>Wie oft Original und synthetisches Bild wechseln; mehr als viermal pro Sekunde kann manchen Menschen gefährlich werden.</translation>
    </message>
    <message>
        <source>changes a second</source>
        <translation>Wechsel pro Sekunde</translation>
    </message>
    <message>
        <source>Left drag</source>
        <translation>Ziehen links</translation>
    </message>
    <message>
        <source>Mouse</source>
        <translation>Maus</translation>
    </message>
    <message>
        <source>The tool that the left button has at first.</source>
        <translation>Das Werkzeug, das die linke Taste anfangs hat.</translation>
    </message>
    <message>
        <source>Middle drag</source>
        <translation>Ziehen Mitte</translation>
    </message>
    <message>
        <source>What dragging with the middle button does.</source>
        <translation>Was Ziehen mit der mittleren Taste bewirkt.</translation>
    </message>
    <message>
        <source>Right drag</source>
        <translation>Ziehen rechts</translation>
    </message>
    <message>
        <source>What dragging with the right button does.</source>
        <translation>Was Ziehen mit der rechten Taste bewirkt.</translation>
    </message>
    <message>
        <source>Wheel</source>
        <translation>Rad</translation>
    </message>
    <message>
        <source>What the wheel goes through.</source>
        <translation>Was das Mausrad durchläuft.</translation>
    </message>
    <message>
        <source>Shift + wheel</source>
        <translation>Umschalt + Rad</translation>
    </message>
    <message>
        <source>The wheel while Shift is held.</source>
        <translation>Das Rad bei gedrückter Umschalttaste.</translation>
    </message>
    <message>
        <source>Ctrl + wheel</source>
        <translation>Strg + Rad</translation>
    </message>
    <message>
        <source>The wheel while Ctrl is held.</source>
        <translation>Das Rad bei gedrückter Strg-Taste.</translation>
    </message>
    <message>
        <source>Double click</source>
        <translation>Doppelklick</translation>
    </message>
    <message>
        <source>What a double click in a pane does.</source>
        <translation>Was ein Doppelklick in einer Ansicht bewirkt.</translation>
    </message>
    <message>
        <source>One pane large, and back</source>
        <translation>Eine Ansicht groß und zurück</translation>
    </message>
    <message>
        <source>Nothing</source>
        <translation>Nichts</translation>
    </message>
    <message>
        <source>Keys</source>
        <translation>Tasten</translation>
    </message>
    <message>
        <source>Which keys stand for which action.</source>
        <translation>Welche Taste für welche Aktion steht.</translation>
    </message>
    <message>
        <source>Hang studies</source>
        <translation>Untersuchungen hängen</translation>
    </message>
    <message>
        <source>Opening</source>
        <translation>Öffnen</translation>
    </message>
    <message>
        <source>A study that is opened is hung by the first hanging protocol that fits it.</source>
        <translation>Eine geöffnete Untersuchung wird nach dem ersten passenden Hängeprotokoll gehängt.</translation>
    </message>
    <message>
        <source>Reopen where I was</source>
        <translation>Wie zuletzt öffnen</translation>
    </message>
    <message>
        <source>What was open is kept for the next start, results too, also after a crash. Never removes it at once.</source>
        <translation>Was offen war, wird für den nächsten Start aufgehoben, auch Ergebnisse und auch nach einem Absturz. „Nie“ entfernt es sofort.</translation>
    </message>
    <message>
        <source>Offer it at the start</source>
        <translation>Beim Start anbieten</translation>
    </message>
    <message>
        <source>At every start</source>
        <translation>Bei jedem Start</translation>
    </message>
    <message>
        <source>Never, keep nothing</source>
        <translation>Nie, nichts aufheben</translation>
    </message>
    <message>
        <source>Remember opened folders</source>
        <translation>Geöffnete Ordner merken</translation>
    </message>
    <message>
        <source>Folders opened before show at once: what their headers say is kept. Off removes what was kept.</source>
        <translation>Schon einmal geöffnete Ordner erscheinen sofort: Was ihre Header sagen, wird aufgehoben. Ausschalten löscht das Aufgehobene.</translation>
    </message>
    <message>
        <source>Device</source>
        <translation>Gerät</translation>
    </message>
    <message>
        <source>Models</source>
        <translation>Modelle</translation>
    </message>
    <message>
        <source>Where models run.</source>
        <translation>Wo Modelle laufen.</translation>
    </message>
    <message>
        <source>The fastest there is</source>
        <translation>Das schnellste vorhandene</translation>
    </message>
    <message>
        <source>NVIDIA GPU</source>
        <translation>NVIDIA-GPU</translation>
    </message>
    <message>
        <source>Apple GPU</source>
        <translation>Apple-GPU</translation>
    </message>
    <message>
        <source>Processor</source>
        <translation>Prozessor</translation>
    </message>
    <message>
        <source>Show results as soon as they are there</source>
        <translation>Ergebnisse zeigen, sobald sie da sind</translation>
    </message>
    <message>
        <source>Heat maps and segmentations are drawn over the image as soon as a model makes them; else a key shows them.</source>
        <translation>Heatmaps und Segmentierungen werden über das Bild gezeichnet, sobald ein Modell sie berechnet; sonst zeigt sie eine Taste.</translation>
    </message>
    <message>
        <source>Further models</source>
        <translation>Weitere Modelle</translation>
    </message>
    <message>
        <source>A folder with further models, read at the start; empty for the one in the user&apos;s data folder.</source>
        <translation>Ein Ordner mit weiteren Modellen, beim Start gelesen; leer für den im Datenordner des Benutzers.</translation>
    </message>
    <message>
        <source>Trainings</source>
        <translation>Trainings</translation>
    </message>
    <message>
        <source>The folder of trainings; empty for the one in the user&apos;s data folder.</source>
        <translation>Der Ordner der Trainings; leer für den im Datenordner des Benutzers.</translation>
    </message>
    <message>
        <source>Newer versions</source>
        <translation>Neuere Versionen</translation>
    </message>
    <message>
        <source>Program</source>
        <translation>Programm</translation>
    </message>
    <message>
        <source>Where newer versions are told of (https address or file), asked only on request; empty for nowhere.</source>
        <translation>Wo neuere Versionen angezeigt werden (https-Adresse oder Datei); wird nur auf Wunsch gefragt; leer für nirgends.</translation>
    </message>
    <message>
        <source>Open a folder…</source>
        <translation>Ordner öffnen…</translation>
    </message>
    <message>
        <source>Open every study in a folder</source>
        <translation>Alle Untersuchungen eines Ordners öffnen</translation>
    </message>
    <message>
        <source>Open files…</source>
        <translation>Dateien öffnen…</translation>
    </message>
    <message>
        <source>Open DICOM or NIfTI files</source>
        <translation>DICOM- oder NIfTI-Dateien öffnen</translation>
    </message>
    <message>
        <source>Recent studies</source>
        <translation>Letzte Untersuchungen</translation>
    </message>
    <message>
        <source>Studies that were looked at lately</source>
        <translation>Untersuchungen, die zuletzt betrachtet wurden</translation>
    </message>
    <message>
        <source>Open the virtual patient</source>
        <translation>Virtuellen Patienten öffnen</translation>
    </message>
    <message>
        <source>Open a head that belongs to nobody, to try</source>
        <translation>Einen Kopf öffnen, der niemandem gehört, zum Ausprobieren</translation>
    </message>
    <message>
        <source>Export…</source>
        <translation>Export…</translation>
    </message>
    <message>
        <source>Write results as DICOM or pictures</source>
        <translation>Ergebnisse als DICOM oder Bilder schreiben</translation>
    </message>
    <message>
        <source>Archives…</source>
        <translation>Archive…</translation>
    </message>
    <message>
        <source>Query the hospital&apos;s archive, retrieve and send</source>
        <translation>Das Archiv der Klinik abfragen, Bilder holen und senden</translation>
    </message>
    <message>
        <source>Import model…</source>
        <translation>Modell importieren…</translation>
    </message>
    <message>
        <source>Add an ONNX file or a MONAI bundle as a model</source>
        <translation>Eine ONNX-Datei oder ein MONAI-Bundle als Modell hinzufügen</translation>
    </message>
    <message>
        <source>Keep what headers say, so that a folder opened before shows at once; off forgets it</source>
        <translation>Headerdaten aufheben, damit ein schon geöffneter Ordner sofort erscheint; Ausschalten vergisst sie</translation>
    </message>
    <message>
        <source>Lab…</source>
        <translation>Labor…</translation>
    </message>
    <message>
        <source>Train models and watch trainings</source>
        <translation>Modelle trainieren und Trainings verfolgen</translation>
    </message>
    <message>
        <source>Studies, layout and results as they were</source>
        <translation>Untersuchungen, Anordnung und Ergebnisse, wie sie waren</translation>
    </message>
    <message>
        <source>Settings…</source>
        <translation>Einstellungen…</translation>
    </message>
    <message>
        <source>All that can be chosen, keys and mouse among it</source>
        <translation>Alles, was wählbar ist, auch Tasten und Maus</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>Beenden</translation>
    </message>
    <message>
        <source>End the program</source>
        <translation>Das Programm beenden</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>Rückgängig</translation>
    </message>
    <message>
        <source>Take the last edit back</source>
        <translation>Die letzte Bearbeitung zurücknehmen</translation>
    </message>
    <message>
        <source>Redo</source>
        <translation>Wiederholen</translation>
    </message>
    <message>
        <source>Do it again</source>
        <translation>Noch einmal ausführen</translation>
    </message>
    <message>
        <source>Window</source>
        <translation>Fenster</translation>
    </message>
    <message>
        <source>Left drag changes width (→) and level (↑) of the window</source>
        <translation>Ziehen links ändert Weite (→) und Lage (↑) des Fensters</translation>
    </message>
    <message>
        <source>Scroll</source>
        <translation>Blättern</translation>
    </message>
    <message>
        <source>Left drag moves through the slices</source>
        <translation>Ziehen links blättert durch die Schichten</translation>
    </message>
    <message>
        <source>Pan</source>
        <translation>Verschieben</translation>
    </message>
    <message>
        <source>Left drag moves the image</source>
        <translation>Ziehen links verschiebt das Bild</translation>
    </message>
    <message>
        <source>Left drag zooms</source>
        <translation>Ziehen links zoomt</translation>
    </message>
    <message>
        <source>Crosshair</source>
        <translation>Fadenkreuz</translation>
    </message>
    <message>
        <source>Left drag moves the crosshair in every linked view</source>
        <translation>Ziehen links bewegt das Fadenkreuz in allen gekoppelten Ansichten</translation>
    </message>
    <message>
        <source>Measure</source>
        <translation>Messen</translation>
    </message>
    <message>
        <source>Take the measuring tool that was used last</source>
        <translation>Das zuletzt benutzte Messwerkzeug nehmen</translation>
    </message>
    <message>
        <source>Distance</source>
        <translation>Strecke</translation>
    </message>
    <message>
        <source>Distance: a length in mm</source>
        <translation>Strecke: eine Länge in mm</translation>
    </message>
    <message>
        <source>Angle</source>
        <translation>Winkel</translation>
    </message>
    <message>
        <source>Angle: the angle between three points</source>
        <translation>Winkel: der Winkel zwischen drei Punkten</translation>
    </message>
    <message>
        <source>Cobb angle</source>
        <translation>Cobb-Winkel</translation>
    </message>
    <message>
        <source>Cobb angle: the angle between two lines</source>
        <translation>Cobb-Winkel: der Winkel zwischen zwei Linien</translation>
    </message>
    <message>
        <source>Rectangle</source>
        <translation>Rechteck</translation>
    </message>
    <message>
        <source>Rectangle: values and area in a box</source>
        <translation>Rechteck: Werte und Fläche in einem Rechteck</translation>
    </message>
    <message>
        <source>Ellipse</source>
        <translation>Ellipse</translation>
    </message>
    <message>
        <source>Ellipse: values and area in an ellipse</source>
        <translation>Ellipse: Werte und Fläche in einer Ellipse</translation>
    </message>
    <message>
        <source>Freehand</source>
        <translation>Freihand</translation>
    </message>
    <message>
        <source>Freehand: values and area in an outline</source>
        <translation>Freihand: Werte und Fläche in einem Umriss</translation>
    </message>
    <message>
        <source>Probe</source>
        <translation>Messpunkt</translation>
    </message>
    <message>
        <source>Probe: the value of a pixel</source>
        <translation>Messpunkt: der Wert eines Pixels</translation>
    </message>
    <message>
        <source>Arrow</source>
        <translation>Pfeil</translation>
    </message>
    <message>
        <source>Arrow: an arrow with words</source>
        <translation>Pfeil: ein Pfeil mit Text</translation>
    </message>
    <message>
        <source>Text</source>
        <translation>Text</translation>
    </message>
    <message>
        <source>Text: words on the image</source>
        <translation>Text: Worte auf dem Bild</translation>
    </message>
    <message>
        <source>Copy the measurements</source>
        <translation>Messungen kopieren</translation>
    </message>
    <message>
        <source>All of the study, as text</source>
        <translation>Alle der Untersuchung, als Text</translation>
    </message>
    <message>
        <source>Edit segmentations</source>
        <translation>Segmentierungen bearbeiten</translation>
    </message>
    <message>
        <source>Draw in what a model made, or draw your own</source>
        <translation>In das zeichnen, was ein Modell gemacht hat, oder selbst zeichnen</translation>
    </message>
    <message>
        <source>New segmentation</source>
        <translation>Neue Segmentierung</translation>
    </message>
    <message>
        <source>Add an empty segmentation to this series</source>
        <translation>Dieser Serie eine leere Segmentierung hinzufügen</translation>
    </message>
    <message>
        <source>Brush</source>
        <translation>Pinsel</translation>
    </message>
    <message>
        <source>Brush: left drag paints the chosen segment</source>
        <translation>Pinsel: Ziehen links malt das gewählte Segment</translation>
    </message>
    <message>
        <source>Eraser</source>
        <translation>Radierer</translation>
    </message>
    <message>
        <source>Eraser: left drag takes the chosen segment away</source>
        <translation>Radierer: Ziehen links nimmt das gewählte Segment weg</translation>
    </message>
    <message>
        <source>Fill a region</source>
        <translation>Bereich füllen</translation>
    </message>
    <message>
        <source>Fill a region: a click inside a closed outline fills it</source>
        <translation>Bereich füllen: Ein Klick in einen geschlossenen Umriss füllt ihn</translation>
    </message>
    <message>
        <source>Threshold brush</source>
        <translation>Schwellenpinsel</translation>
    </message>
    <message>
        <source>Threshold brush: paints only where the image&apos;s values are in a range</source>
        <translation>Schwellenpinsel: malt nur, wo die Bildwerte in einem Bereich liegen</translation>
    </message>
    <message>
        <source>3D brush</source>
        <translation>3D-Pinsel</translation>
    </message>
    <message>
        <source>Paint with a ball through the slices</source>
        <translation>Mit einer Kugel durch die Schichten malen</translation>
    </message>
    <message>
        <source>Larger brush</source>
        <translation>Größerer Pinsel</translation>
    </message>
    <message>
        <source>A larger brush; Alt and the wheel too</source>
        <translation>Ein größerer Pinsel; auch Alt und Rad</translation>
    </message>
    <message>
        <source>Smaller brush</source>
        <translation>Kleinerer Pinsel</translation>
    </message>
    <message>
        <source>A smaller brush; Alt and the wheel too</source>
        <translation>Ein kleinerer Pinsel; auch Alt und Rad</translation>
    </message>
    <message>
        <source>Fill between slices</source>
        <translation>Zwischen Schichten füllen</translation>
    </message>
    <message>
        <source>Fill the slices between drawn ones</source>
        <translation>Die Schichten zwischen den gezeichneten füllen</translation>
    </message>
    <message>
        <source>Surfaces in 3D</source>
        <translation>Oberflächen in 3D</translation>
    </message>
    <message>
        <source>The segments as surfaces that can be turned, in a window of their own</source>
        <translation>Die Segmente als drehbare Oberflächen, in einem eigenen Fenster</translation>
    </message>
    <message>
        <source>Next slice</source>
        <translation>Nächste Schicht</translation>
    </message>
    <message>
        <source>One slice on</source>
        <translation>Eine Schicht weiter</translation>
    </message>
    <message>
        <source>Previous slice</source>
        <translation>Vorige Schicht</translation>
    </message>
    <message>
        <source>One slice back</source>
        <translation>Eine Schicht zurück</translation>
    </message>
    <message>
        <source>Ten slices on</source>
        <translation>Zehn Schichten weiter</translation>
    </message>
    <message>
        <source>Ten slices back</source>
        <translation>Zehn Schichten zurück</translation>
    </message>
    <message>
        <source>First slice</source>
        <translation>Erste Schicht</translation>
    </message>
    <message>
        <source>The first slice</source>
        <translation>Die erste Schicht</translation>
    </message>
    <message>
        <source>Last slice</source>
        <translation>Letzte Schicht</translation>
    </message>
    <message>
        <source>The last slice</source>
        <translation>Die letzte Schicht</translation>
    </message>
    <message>
        <source>Previous series</source>
        <translation>Vorige Serie</translation>
    </message>
    <message>
        <source>The series before</source>
        <translation>Die Serie davor</translation>
    </message>
    <message>
        <source>Next series</source>
        <translation>Nächste Serie</translation>
    </message>
    <message>
        <source>The next series</source>
        <translation>Die nächste Serie</translation>
    </message>
    <message>
        <source>Reset the view</source>
        <translation>Ansicht zurücksetzen</translation>
    </message>
    <message>
        <source>Zoom, position and turn as opened</source>
        <translation>Zoom, Lage und Drehung wie beim Öffnen</translation>
    </message>
    <message>
        <source>Key image</source>
        <translation>Schlüsselbild</translation>
    </message>
    <message>
        <source>Mark the slice shown as a key image, for the report and the archive; again takes the mark away</source>
        <translation>Die gezeigte Schicht als Schlüsselbild markieren, für Bericht und Archiv; noch einmal nimmt die Markierung weg</translation>
    </message>
    <message>
        <source>Invert</source>
        <translation>Invertieren</translation>
    </message>
    <message>
        <source>Black becomes white</source>
        <translation>Schwarz wird weiß</translation>
    </message>
    <message>
        <source>Rotate</source>
        <translation>Drehen</translation>
    </message>
    <message>
        <source>A quarter turn</source>
        <translation>Eine Vierteldrehung</translation>
    </message>
    <message>
        <source>Automatic window</source>
        <translation>Automatische Fensterung</translation>
    </message>
    <message>
        <source>0.5th to 99.5th percentile of the slice</source>
        <translation>0,5. bis 99,5. Perzentil der Schicht</translation>
    </message>
    <message>
        <source>Next window of the series</source>
        <translation>Nächstes Fenster der Serie</translation>
    </message>
    <message>
        <source>The windows stored in the series</source>
        <translation>Die in der Serie gespeicherten Fenster</translation>
    </message>
    <message>
        <source>Brain 80/40</source>
        <translation>Hirn 80/40</translation>
    </message>
    <message>
        <source>CT brain</source>
        <translation>CT Hirn</translation>
    </message>
    <message>
        <source>Subdural 200/75</source>
        <translation>Subdural 200/75</translation>
    </message>
    <message>
        <source>CT subdural</source>
        <translation>CT subdural</translation>
    </message>
    <message>
        <source>Stroke 40/40</source>
        <translation>Schlaganfall 40/40</translation>
    </message>
    <message>
        <source>CT stroke</source>
        <translation>CT Schlaganfall</translation>
    </message>
    <message>
        <source>Soft tissue 400/40</source>
        <translation>Weichteile 400/40</translation>
    </message>
    <message>
        <source>CT soft tissue</source>
        <translation>CT Weichteile</translation>
    </message>
    <message>
        <source>Liver 150/90</source>
        <translation>Leber 150/90</translation>
    </message>
    <message>
        <source>CT liver</source>
        <translation>CT Leber</translation>
    </message>
    <message>
        <source>Mediastinum 400/50</source>
        <translation>Mediastinum 400/50</translation>
    </message>
    <message>
        <source>CT mediastinum</source>
        <translation>CT Mediastinum</translation>
    </message>
    <message>
        <source>Lung 1500/−600</source>
        <translation>Lunge 1500/−600</translation>
    </message>
    <message>
        <source>CT lung</source>
        <translation>CT Lunge</translation>
    </message>
    <message>
        <source>Bone 2500/480</source>
        <translation>Knochen 2500/480</translation>
    </message>
    <message>
        <source>CT bone</source>
        <translation>CT Knochen</translation>
    </message>
    <message>
        <source>1 row, 1 pane across</source>
        <translation>1 Zeile, 1 Ansicht nebeneinander</translation>
    </message>
    <message>
        <source>1 row, 2 panes across</source>
        <translation>1 Zeile, 2 Ansichten nebeneinander</translation>
    </message>
    <message>
        <source>1 row, 3 panes across</source>
        <translation>1 Zeile, 3 Ansichten nebeneinander</translation>
    </message>
    <message>
        <source>2 rows, 1 pane across</source>
        <translation>2 Zeilen, 1 Ansicht nebeneinander</translation>
    </message>
    <message>
        <source>2 rows, 2 panes across</source>
        <translation>2 Zeilen, 2 Ansichten nebeneinander</translation>
    </message>
    <message>
        <source>2 rows, 3 panes across</source>
        <translation>2 Zeilen, 3 Ansichten nebeneinander</translation>
    </message>
    <message>
        <source>3 rows, 1 pane across</source>
        <translation>3 Zeilen, 1 Ansicht nebeneinander</translation>
    </message>
    <message>
        <source>3 rows, 2 panes across</source>
        <translation>3 Zeilen, 2 Ansichten nebeneinander</translation>
    </message>
    <message>
        <source>3 rows, 3 panes across</source>
        <translation>3 Zeilen, 3 Ansichten nebeneinander</translation>
    </message>
    <message>
        <source>MPR</source>
        <translation>MPR</translation>
    </message>
    <message>
        <source>Axial, coronal and sagittal with one crosshair</source>
        <translation>Axial, koronar und sagittal mit einem Fadenkreuz</translation>
    </message>
    <message>
        <source>One pane large</source>
        <translation>Eine Ansicht groß</translation>
    </message>
    <message>
        <source>The active pane alone, and back</source>
        <translation>Die aktive Ansicht allein und zurück</translation>
    </message>
    <message>
        <source>Pane in a window of its own</source>
        <translation>Ansicht in eigenem Fenster</translation>
    </message>
    <message>
        <source>For a second monitor, which is remembered; again brings the pane back</source>
        <translation>Für einen zweiten Monitor, der gemerkt wird; noch einmal holt die Ansicht zurück</translation>
    </message>
    <message>
        <source>Next pane</source>
        <translation>Nächste Ansicht</translation>
    </message>
    <message>
        <source>Make the next pane the active one</source>
        <translation>Die nächste Ansicht aktivieren</translation>
    </message>
    <message>
        <source>Turn the lines of MPR to the left</source>
        <translation>MPR-Linien nach links drehen</translation>
    </message>
    <message>
        <source>5° anticlockwise</source>
        <translation>5° gegen den Uhrzeigersinn</translation>
    </message>
    <message>
        <source>Turn the lines of MPR to the right</source>
        <translation>MPR-Linien nach rechts drehen</translation>
    </message>
    <message>
        <source>5° clockwise</source>
        <translation>5° im Uhrzeigersinn</translation>
    </message>
    <message>
        <source>Straighten the lines of MPR</source>
        <translation>MPR-Linien gerade stellen</translation>
    </message>
    <message>
        <source>Along the grid again</source>
        <translation>Wieder entlang des Rasters</translation>
    </message>
    <message>
        <source>Save this layout…</source>
        <translation>Diese Anordnung speichern…</translation>
    </message>
    <message>
        <source>Keep layout, series and windows as a protocol</source>
        <translation>Anordnung, Serien und Fenster als Protokoll aufheben</translation>
    </message>
    <message>
        <source>Hang studies on opening</source>
        <translation>Untersuchungen beim Öffnen hängen</translation>
    </message>
    <message>
        <source>The first hanging protocol that fits a study is applied when it opens</source>
        <translation>Das erste Hängeprotokoll, das zu einer Untersuchung passt, wird beim Öffnen angewandt</translation>
    </message>
    <message>
        <source>Plane</source>
        <translation>Ebene</translation>
    </message>
    <message>
        <source>The plane alone, no slab</source>
        <translation>Nur die Ebene, keine Dickschicht</translation>
    </message>
    <message>
        <source>MIP</source>
        <translation>MIP</translation>
    </message>
    <message>
        <source>The largest value within the slab</source>
        <translation>Der größte Wert in der Dickschicht</translation>
    </message>
    <message>
        <source>MinIP</source>
        <translation>MinIP</translation>
    </message>
    <message>
        <source>The smallest value within the slab</source>
        <translation>Der kleinste Wert in der Dickschicht</translation>
    </message>
    <message>
        <source>Average</source>
        <translation>Mittelwert</translation>
    </message>
    <message>
        <source>The mean of the values within the slab</source>
        <translation>Der Mittelwert in der Dickschicht</translation>
    </message>
    <message>
        <source>Slab on and off</source>
        <translation>Dickschicht ein und aus</translation>
    </message>
    <message>
        <source>The slab used last, or the plane alone</source>
        <translation>Die zuletzt benutzte Dickschicht oder nur die Ebene</translation>
    </message>
    <message>
        <source>Thicker slab</source>
        <translation>Dickschicht dicker</translation>
    </message>
    <message>
        <source>The next thickness</source>
        <translation>Die nächste Dicke</translation>
    </message>
    <message>
        <source>Thinner slab</source>
        <translation>Dickschicht dünner</translation>
    </message>
    <message>
        <source>The thickness before</source>
        <translation>Die Dicke davor</translation>
    </message>
    <message>
        <source>Thickness…</source>
        <translation>Dicke…</translation>
    </message>
    <message>
        <source>How many millimetres the slab is thick</source>
        <translation>Wie viele Millimeter die Dickschicht dick ist</translation>
    </message>
    <message>
        <source>Play</source>
        <translation>Abspielen</translation>
    </message>
    <message>
        <source>Play through the slices, and stop</source>
        <translation>Durch die Schichten abspielen und anhalten</translation>
    </message>
    <message>
        <source>Faster</source>
        <translation>Schneller</translation>
    </message>
    <message>
        <source>More pictures a second</source>
        <translation>Mehr Bilder pro Sekunde</translation>
    </message>
    <message>
        <source>Slower</source>
        <translation>Langsamer</translation>
    </message>
    <message>
        <source>Fewer pictures a second</source>
        <translation>Weniger Bilder pro Sekunde</translation>
    </message>
    <message>
        <source>There and back</source>
        <translation>Hin und zurück</translation>
    </message>
    <message>
        <source>Turn round at the ends</source>
        <translation>An den Enden umkehren</translation>
    </message>
    <message>
        <source>Play time points</source>
        <translation>Zeitpunkte abspielen</translation>
    </message>
    <message>
        <source>Time points instead of slices</source>
        <translation>Zeitpunkte statt Schichten</translation>
    </message>
    <message>
        <source>Link</source>
        <translation>Koppeln</translation>
    </message>
    <message>
        <source>Panes of one space move together</source>
        <translation>Ansichten eines Raums bewegen sich zusammen</translation>
    </message>
    <message>
        <source>Link by hand</source>
        <translation>Von Hand koppeln</translation>
    </message>
    <message>
        <source>Take the middles of the panes for the same place, and part them again</source>
        <translation>Die Mitten der Ansichten für denselben Ort nehmen und wieder trennen</translation>
    </message>
    <message>
        <source>Link by registration</source>
        <translation>Durch Registrierung koppeln</translation>
    </message>
    <message>
        <source>Find from the images how another examination lies to the one in the active pane, and link them</source>
        <translation>Aus den Bildern finden, wie eine andere Untersuchung zu der in der aktiven Ansicht liegt, und beide koppeln</translation>
    </message>
    <message>
        <source>Link slices</source>
        <translation>Schichten koppeln</translation>
    </message>
    <message>
        <source>Linked panes scroll together</source>
        <translation>Gekoppelte Ansichten blättern zusammen</translation>
    </message>
    <message>
        <source>Link zoom and place</source>
        <translation>Zoom und Lage koppeln</translation>
    </message>
    <message>
        <source>Linked panes zoom and move together</source>
        <translation>Gekoppelte Ansichten zoomen und verschieben sich zusammen</translation>
    </message>
    <message>
        <source>Link windows</source>
        <translation>Fenster koppeln</translation>
    </message>
    <message>
        <source>Linked panes of one scale share a window</source>
        <translation>Gekoppelte Ansichten einer Werteskala haben ein gemeinsames Fenster</translation>
    </message>
    <message>
        <source>Link the crosshair</source>
        <translation>Fadenkreuz koppeln</translation>
    </message>
    <message>
        <source>The crosshair stands at the same place in linked panes</source>
        <translation>Das Fadenkreuz steht in gekoppelten Ansichten am selben Ort</translation>
    </message>
    <message>
        <source>Prior beside current</source>
        <translation>Voruntersuchung daneben</translation>
    </message>
    <message>
        <source>Another study of this patient</source>
        <translation>Eine andere Untersuchung dieses Patienten</translation>
    </message>
    <message>
        <source>Overlay</source>
        <translation>Overlay</translation>
    </message>
    <message>
        <source>Results over the originals</source>
        <translation>Ergebnisse über den Originalen</translation>
    </message>
    <message>
        <source>Swipe</source>
        <translation>Wischen</translation>
    </message>
    <message>
        <source>Original left, synthetic right of a line</source>
        <translation>Links einer Linie das Original, rechts das synthetische Bild</translation>
    </message>
    <message>
        <source>Checkerboard</source>
        <translation>Schachbrett</translation>
    </message>
    <message>
        <source>Original and synthetic in turn, field by field</source>
        <translation>Original und synthetisches Bild abwechselnd, Feld für Feld</translation>
    </message>
    <message>
        <source>Flicker</source>
        <translation>Flackern</translation>
    </message>
    <message>
        <source>Original and synthetic by turns</source>
        <translation>Original und synthetisches Bild im Wechsel</translation>
    </message>
    <message>
        <source>Rate of flickering…</source>
        <translation>Flackerrate…</translation>
    </message>
    <message>
        <source>How often the picture changes</source>
        <translation>Wie oft das Bild wechselt</translation>
    </message>
    <message>
        <source>Difference</source>
        <translation>Differenz</translation>
    </message>
    <message>
        <source>Synthetic minus original, in colours with a scale; drag to change its range</source>
        <translation>Synthetisch minus Original, in Farben mit einer Skala; Ziehen ändert ihren Bereich</translation>
    </message>
    <message>
        <source>Range of the difference…</source>
        <translation>Bereich der Differenz…</translation>
    </message>
    <message>
        <source>Up to where its colours go</source>
        <translation>Bis wohin ihre Farben reichen</translation>
    </message>
    <message>
        <source>Colours of the difference…</source>
        <translation>Farben der Differenz…</translation>
    </message>
    <message>
        <source>Colour maps that are even, also to colour-blind eyes</source>
        <translation>Gleichmäßige Farbskalen, auch für farbfehlsichtige Augen</translation>
    </message>
    <message>
        <source>Compare with…</source>
        <translation>Vergleichen mit…</translation>
    </message>
    <message>
        <source>Another series, model or run in the place of the original</source>
        <translation>Eine andere Serie, ein anderes Modell oder ein anderer Lauf anstelle des Originals</translation>
    </message>
    <message>
        <source>Keep a copy to compare</source>
        <translation>Kopie zum Vergleich behalten</translation>
    </message>
    <message>
        <source>Of the synthetic image shown, before another run takes its place</source>
        <translation>Vom gezeigten synthetischen Bild, bevor ein anderer Lauf an seine Stelle tritt</translation>
    </message>
    <message>
        <source>Next finding</source>
        <translation>Nächster Befund</translation>
    </message>
    <message>
        <source>Go to the next finding</source>
        <translation>Zum nächsten Befund</translation>
    </message>
    <message>
        <source>Previous finding</source>
        <translation>Voriger Befund</translation>
    </message>
    <message>
        <source>Go to the previous finding</source>
        <translation>Zum vorigen Befund</translation>
    </message>
    <message>
        <source>Accept the finding</source>
        <translation>Befund annehmen</translation>
    </message>
    <message>
        <source>Accept</source>
        <translation>Annehmen</translation>
    </message>
    <message>
        <source>Reject the finding</source>
        <translation>Befund verwerfen</translation>
    </message>
    <message>
        <source>Delete the chosen annotation, else reject</source>
        <translation>Die gewählte Anmerkung löschen, sonst verwerfen</translation>
    </message>
    <message>
        <source>Hide patient data</source>
        <translation>Patientendaten verbergen</translation>
    </message>
    <message>
        <source>For teaching and screenshots</source>
        <translation>Für Lehre und Bildschirmfotos</translation>
    </message>
    <message>
        <source>Hide the panels</source>
        <translation>Seitenleisten verbergen</translation>
    </message>
    <message>
        <source>Only the images</source>
        <translation>Nur die Bilder</translation>
    </message>
    <message>
        <source>Light look</source>
        <translation>Helles Aussehen</translation>
    </message>
    <message>
        <source>Light panels; around the image it stays black</source>
        <translation>Helle Seitenleisten; um das Bild bleibt es schwarz</translation>
    </message>
    <message>
        <source>Full screen</source>
        <translation>Vollbild</translation>
    </message>
    <message>
        <source>Full screen and back</source>
        <translation>Vollbild und zurück</translation>
    </message>
    <message>
        <source>Cancel what runs</source>
        <translation>Abbrechen, was läuft</translation>
    </message>
    <message>
        <source>Leave what is being drawn, cancel a run, leave full screen</source>
        <translation>Zeichnen beenden, einen Lauf abbrechen, Vollbild verlassen</translation>
    </message>
    <message>
        <source>All keys</source>
        <translation>Alle Tasten</translation>
    </message>
    <message>
        <source>Look for a newer version</source>
        <translation>Nach neuerer Version suchen</translation>
    </message>
    <message>
        <source>Ask the release feed that the settings name</source>
        <translation>Dort fragen, wo die Einstellungen es sagen</translation>
    </message>
    <message>
        <source>About</source>
        <translation>Über</translation>
    </message>
    <message>
        <source>Version, licence and what it is not</source>
        <translation>Version, Lizenz und was es nicht ist</translation>
    </message>
    <message>
        <source>Hold to reveal the original</source>
        <translation>Gedrückt halten, um das Original zu sehen</translation>
    </message>
    <message>
        <source>While the key is held no result is drawn</source>
        <translation>Solange die Taste gedrückt ist, wird kein Ergebnis gezeichnet</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
    <message>
        <source>Close this message</source>
        <translation>Diese Meldung schließen</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>Anhalten</translation>
    </message>
    <message>
        <source>Picture shown</source>
        <translation>Gezeigtes Bild</translation>
    </message>
    <message>
        <source> / s</source>
        <translation> / s</translation>
    </message>
    <message>
        <source>Pictures a second</source>
        <translation>Bilder pro Sekunde</translation>
    </message>
    <message>
        <source>From the start again</source>
        <translation>Wieder von vorn</translation>
    </message>
    <message>
        <source>What follows the last picture</source>
        <translation>Was auf das letzte Bild folgt</translation>
    </message>
    <message>
        <source>What is played</source>
        <translation>Was abgespielt wird</translation>
    </message>
    <message>
        <source>Time points</source>
        <translation>Zeitpunkte</translation>
    </message>
    <message>
        <source>Stop and close this bar</source>
        <translation>Anhalten und diese Leiste schließen</translation>
    </message>
    <message>
        <source>Close the study</source>
        <translation>Untersuchung schließen</translation>
    </message>
    <message>
        <source>Close the program</source>
        <translation>Programm schließen</translation>
    </message>
    <message>
        <source>{0}? This is lost then: {1}. Results, verdicts and key images can be exported first.</source>
        <translation>{0}? Dabei geht verloren: {1}. Ergebnisse, Urteile und Schlüsselbilder können vorher exportiert werden.</translation>
    </message>
    <message>
        <source>1 verdict on a finding</source>
        <translation>1 Urteil zu einem Befund</translation>
    </message>
    <message>
        <source>{0} verdicts on findings</source>
        <translation>{0} Urteile zu Befunden</translation>
    </message>
    <message>
        <source>1 segmentation drawn by hand</source>
        <translation>1 von Hand gezeichnete Segmentierung</translation>
    </message>
    <message>
        <source>{0} segmentations drawn by hand</source>
        <translation>{0} von Hand gezeichnete Segmentierungen</translation>
    </message>
    <message>
        <source>1 key image of a synthetic image</source>
        <translation>1 Schlüsselbild eines synthetischen Bildes</translation>
    </message>
    <message>
        <source>{0} key images of synthetic images</source>
        <translation>{0} Schlüsselbilder synthetischer Bilder</translation>
    </message>
    <message>
        <source>Where models run</source>
        <translation>Wo Modelle laufen</translation>
    </message>
    <message>
        <source>The fastest there is ({0})</source>
        <translation>Das schnellste vorhandene ({0})</translation>
    </message>
    <message>
        <source>this computer&apos;s processor</source>
        <translation>Prozessor dieses Rechners</translation>
    </message>
    <message>
        <source>this computer&apos;s NVIDIA graphics card</source>
        <translation>NVIDIA-Grafikkarte dieses Rechners</translation>
    </message>
    <message>
        <source>this computer&apos;s Apple graphics</source>
        <translation>Apple-Grafik dieses Rechners</translation>
    </message>
    <message>
        <source>the fastest there is</source>
        <translation>das schnellste vorhandene Gerät</translation>
    </message>
    <message>
        <source>NVIDIA GPU: {0}</source>
        <translation>NVIDIA-GPU: {0}</translation>
    </message>
    <message>
        <source>Processor: {0}, {1} threads</source>
        <translation>Prozessor: {0}, {1} Threads</translation>
    </message>
    <message>
        <source>Models run on: {0}</source>
        <translation>Modelle laufen auf: {0}</translation>
    </message>
    <message>
        <source>{0} · last run: {1}</source>
        <translation>{0} · letzter Lauf: {1}</translation>
    </message>
    <message>
        <source>MedGAN Viewer is for research. It is not a medical device; no diagnosis and no treatment may rest on it.</source>
        <translation>MedGAN Viewer dient der Forschung. Es ist kein Medizinprodukt; keine Diagnose und keine Behandlung darf sich darauf stützen.</translation>
    </message>
    <message>
        <source>What a model makes looks like a scan and is a guess. It can leave out what is there, and draw what is not. Everything synthetic is marked violet; the marks stay on.</source>
        <translation>Was ein Modell macht, sieht wie eine Aufnahme aus und ist eine Vermutung. Es kann weglassen, was da ist, und zeichnen, was nicht da ist. Alles Synthetische ist violett gekennzeichnet; die Kennzeichnung bleibt.</translation>
    </message>
    <message>
        <source>All is computed on this computer. Nothing is sent anywhere unless you send it.</source>
        <translation>Alles wird auf diesem Computer berechnet. Nichts wird gesendet, außer Sie senden es.</translation>
    </message>
    <message>
        <source>Research use only</source>
        <translation>Nur für die Forschung</translation>
    </message>
    <message>
        <source>I use it for research only</source>
        <translation>Ich benutze es nur für die Forschung</translation>
    </message>
    <message>
        <source>Agree, and open the program</source>
        <translation>Zustimmen und das Programm öffnen</translation>
    </message>
    <message>
        <source>Close the program; it asks again at the next start</source>
        <translation>Das Programm schließen; beim nächsten Start fragt es wieder</translation>
    </message>
    <message>
        <source>While images come by C-MOVE this program listens at the address and port below, to the AE titles listed; the archive must know both. By C-GET nothing ever listens.</source>
        <translation>Während Bilder per C-MOVE kommen, hört dieses Programm an der Adresse und dem Port unten auf die aufgeführten AE-Titel; das Archiv muss beide kennen. Bei C-GET hört nie etwas.</translation>
    </message>
    <message>
        <source>Archive</source>
        <translation>Archiv</translation>
    </message>
    <message>
        <source>What you call it</source>
        <translation>Wie Sie es nennen</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Name</translation>
    </message>
    <message>
        <source>DIMSE (host, port, AE title)</source>
        <translation>DIMSE (Host, Port, AE-Titel)</translation>
    </message>
    <message>
        <source>DICOMweb (address)</source>
        <translation>DICOMweb (Adresse)</translation>
    </message>
    <message>
        <source>Kind</source>
        <translation>Art</translation>
    </message>
    <message>
        <source>The system&apos;s; or a PEM file</source>
        <translation>Die des Systems; oder eine PEM-Datei</translation>
    </message>
    <message>
        <source>None; or a PEM file with certificate and key</source>
        <translation>Keins; oder eine PEM-Datei mit Zertifikat und Schlüssel</translation>
    </message>
    <message>
        <source>Trusted authorities</source>
        <translation>Vertraute Zertifizierungsstellen</translation>
    </message>
    <message>
        <source>Own certificate</source>
        <translation>Eigenes Zertifikat</translation>
    </message>
    <message>
        <source>Keep</source>
        <translation>Speichern</translation>
    </message>
    <message>
        <source>Keep this archive</source>
        <translation>Dieses Archiv speichern</translation>
    </message>
    <message>
        <source>Name or address</source>
        <translation>Name oder Adresse</translation>
    </message>
    <message>
        <source>Connect with TLS; the certificate is always checked</source>
        <translation>Mit TLS verbinden; das Zertifikat wird immer geprüft</translation>
    </message>
    <message>
        <source>The archive&apos;s own</source>
        <translation>Der des Archivs</translation>
    </message>
    <message>
        <source>Host</source>
        <translation>Host</translation>
    </message>
    <message>
        <source>Port</source>
        <translation>Port</translation>
    </message>
    <message>
        <source>Its AE title</source>
        <translation>Sein AE-Titel</translation>
    </message>
    <message>
        <source>AE title of this program</source>
        <translation>AE-Titel dieses Programms</translation>
    </message>
    <message>
        <source>Images come by</source>
        <translation>Bilder kommen per</translation>
    </message>
    <message>
        <source>Listen at address</source>
        <translation>Hört an Adresse</translation>
    </message>
    <message>
        <source>Listen at port</source>
        <translation>Hört an Port</translation>
    </message>
    <message>
        <source>AE titles that may connect</source>
        <translation>AE-Titel, die sich verbinden dürfen</translation>
    </message>
    <message>
        <source>None, or as kept before</source>
        <translation>Keins, oder wie schon gespeichert</translation>
    </message>
    <message>
        <source>Address</source>
        <translation>Adresse</translation>
    </message>
    <message>
        <source>User</source>
        <translation>Benutzer</translation>
    </message>
    <message>
        <source>Password</source>
        <translation>Passwort</translation>
    </message>
    <message>
        <source>Or bearer token</source>
        <translation>Oder Bearer-Token</translation>
    </message>
    <message>
        <source>User, password and token go to this system&apos;s keyring and to no file.</source>
        <translation>Benutzer, Passwort und Token kommen in den Schlüsselbund dieses Systems und in keine Datei.</translation>
    </message>
    <message>
        <source>Patient, study, series</source>
        <translation>Patient, Untersuchung, Serie</translation>
    </message>
    <message>
        <source>Date</source>
        <translation>Datum</translation>
    </message>
    <message>
        <source>Modality</source>
        <translation>Modalität</translation>
    </message>
    <message>
        <source>Images</source>
        <translation>Bilder</translation>
    </message>
    <message>
        <source>Identifier, accession</source>
        <translation>Kennung, Zugangsnummer</translation>
    </message>
    <message>
        <source>Studies found</source>
        <translation>Gefundene Untersuchungen</translation>
    </message>
    <message>
        <source>Study without description</source>
        <translation>Untersuchung ohne Beschreibung</translation>
    </message>
    <message>
        <source>No name</source>
        <translation>Kein Name</translation>
    </message>
    <message>
        <source>No archive is kept yet. Press Add… and enter what your hospital&apos;s IT tells you.</source>
        <translation>Noch ist kein Archiv eingerichtet. Drücken Sie Hinzufügen… und geben Sie ein, was Ihre Klinik-IT Ihnen nennt.</translation>
    </message>
    <message>
        <source>Archives</source>
        <translation>Archive</translation>
    </message>
    <message>
        <source>Check</source>
        <translation>Prüfen</translation>
    </message>
    <message>
        <source>Ask the archive for a sign of life</source>
        <translation>Das Archiv um ein Lebenszeichen bitten</translation>
    </message>
    <message>
        <source>Add…</source>
        <translation>Hinzufügen…</translation>
    </message>
    <message>
        <source>Keep another archive</source>
        <translation>Ein weiteres Archiv einrichten</translation>
    </message>
    <message>
        <source>Change…</source>
        <translation>Ändern…</translation>
    </message>
    <message>
        <source>Change this archive</source>
        <translation>Dieses Archiv ändern</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>Entfernen</translation>
    </message>
    <message>
        <source>Forget this archive and its credentials</source>
        <translation>Dieses Archiv und seine Zugangsdaten vergessen</translation>
    </message>
    <message>
        <source>PATIENT</source>
        <translation>PATIENT</translation>
    </message>
    <message>
        <source>Part of the name</source>
        <translation>Teil des Namens</translation>
    </message>
    <message>
        <source>IDENTIFIER</source>
        <translation>KENNUNG</translation>
    </message>
    <message>
        <source>Whole; * for any letters</source>
        <translation>Ganz; * für beliebige Zeichen</translation>
    </message>
    <message>
        <source>FROM</source>
        <translation>VON</translation>
    </message>
    <message>
        <source>TO</source>
        <translation>BIS</translation>
    </message>
    <message>
        <source>MODALITY</source>
        <translation>MODALITÄT</translation>
    </message>
    <message>
        <source>DESCRIPTION</source>
        <translation>BESCHREIBUNG</translation>
    </message>
    <message>
        <source>Part of the study&apos;s</source>
        <translation>Teil der Beschreibung der Untersuchung</translation>
    </message>
    <message>
        <source>Query</source>
        <translation>Abfragen</translation>
    </message>
    <message>
        <source>Ask the archive for studies</source>
        <translation>Das Archiv nach Untersuchungen fragen</translation>
    </message>
    <message>
        <source>FOLDER FOR WHAT ARRIVES (UNENCRYPTED, WITH THE PATIENT&apos;S IDENTITY)</source>
        <translation>ORDNER FÜR EINGEHENDES (UNVERSCHLÜSSELT, MIT DER IDENTITÄT DES PATIENTEN)</translation>
    </message>
    <message>
        <source>Folder for what arrives</source>
        <translation>Ordner für Eingehendes</translation>
    </message>
    <message>
        <source>Choose…</source>
        <translation>Wählen…</translation>
    </message>
    <message>
        <source>Choose a folder for what arrives</source>
        <translation>Einen Ordner für Eingehendes wählen</translation>
    </message>
    <message>
        <source>Send results</source>
        <translation>Ergebnisse senden</translation>
    </message>
    <message>
        <source>Send the results of every open series as DICOM</source>
        <translation>Die Ergebnisse aller offenen Serien als DICOM senden</translation>
    </message>
    <message>
        <source>Send files…</source>
        <translation>Dateien senden…</translation>
    </message>
    <message>
        <source>Send DICOM files of a folder</source>
        <translation>DICOM-Dateien eines Ordners senden</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>End what is under way; what has arrived is kept</source>
        <translation>Beenden, was läuft; was angekommen ist, bleibt</translation>
    </message>
    <message>
        <source>Retrieve</source>
        <translation>Holen</translation>
    </message>
    <message>
        <source>Retrieve what is chosen and open it</source>
        <translation>Das Gewählte holen und öffnen</translation>
    </message>
    <message>
        <source>Asking {0}…</source>
        <translation>{0} wird gefragt…</translation>
    </message>
    <message>
        <source>{0} answers.</source>
        <translation>{0} antwortet.</translation>
    </message>
    <message>
        <source>Querying…</source>
        <translation>Abfrage läuft…</translation>
    </message>
    <message>
        <source>There are more than these {0} studies; narrow the query.</source>
        <translation>Es gibt mehr als diese {0} Untersuchungen; grenzen Sie die Abfrage ein.</translation>
    </message>
    <message>
        <source>No study fits.</source>
        <translation>Keine Untersuchung passt.</translation>
    </message>
    <message>
        <source>One study.</source>
        <translation>Eine Untersuchung.</translation>
    </message>
    <message>
        <source>{0} studies.</source>
        <translation>{0} Untersuchungen.</translation>
    </message>
    <message>
        <source>Asking for the series…</source>
        <translation>Serien werden erfragt…</translation>
    </message>
    <message>
        <source>Retrieving…</source>
        <translation>Wird geholt…</translation>
    </message>
    <message>
        <source>Send the DICOM files of a folder</source>
        <translation>Die DICOM-Dateien eines Ordners senden</translation>
    </message>
    <message>
        <source>Sending…</source>
        <translation>Wird gesendet…</translation>
    </message>
    <message>
        <source> of {0}</source>
        <translation> von {0}</translation>
    </message>
    <message>
        <source>Something unexpected went wrong; the log has the details.</source>
        <translation>Etwas Unerwartetes ging schief; Einzelheiten stehen im Protokoll.</translation>
    </message>
    <message>
        <source>Cancelled.</source>
        <translation>Abgebrochen.</translation>
    </message>
    <message>
        <source>Cancelled; one image has arrived.</source>
        <translation>Abgebrochen; ein Bild ist angekommen.</translation>
    </message>
    <message>
        <source>Cancelled; {0} images have arrived.</source>
        <translation>Abgebrochen; {0} Bilder sind angekommen.</translation>
    </message>
    <message>
        <source>One image has arrived.</source>
        <translation>Ein Bild ist angekommen.</translation>
    </message>
    <message>
        <source>{0} images have arrived.</source>
        <translation>{0} Bilder sind angekommen.</translation>
    </message>
    <message>
        <source>Cancelled; the archive took one file.</source>
        <translation>Abgebrochen; das Archiv nahm eine Datei an.</translation>
    </message>
    <message>
        <source>Cancelled; the archive took {0} files.</source>
        <translation>Abgebrochen; das Archiv nahm {0} Dateien an.</translation>
    </message>
    <message>
        <source>The archive took one file.</source>
        <translation>Das Archiv nahm eine Datei an.</translation>
    </message>
    <message>
        <source>The archive took {0} files.</source>
        <translation>Das Archiv nahm {0} Dateien an.</translation>
    </message>
    <message>
        <source>The result will say so wherever it is shown, printed or written, and that cannot be removed.</source>
        <translation>Das Ergebnis wird das überall sagen, wo es gezeigt, gedruckt oder geschrieben wird, und das lässt sich nicht entfernen.</translation>
    </message>
    <message>
        <source>Input check</source>
        <translation>Eingangsprüfung</translation>
    </message>
    <message>
        <source>Run {0} all the same?</source>
        <translation>{0} trotzdem ausführen?</translation>
    </message>
    <message>
        <source>Run anyway</source>
        <translation>Trotzdem ausführen</translation>
    </message>
    <message>
        <source>The program did not end well the last time. What it was doing is in a report of its own code: no patient data, no file names. It was sent nowhere; give it to whoever looks after this program.</source>
        <translation>Das Programm endete beim letzten Mal nicht ordentlich. Was es gerade tat, steht in einem Bericht über seinen eigenen Code: keine Patientendaten, keine Dateinamen. Er wurde nirgendwohin gesendet; geben Sie ihn denen, die dieses Programm betreuen.</translation>
    </message>
    <message>
        <source>Crash report</source>
        <translation>Absturzbericht</translation>
    </message>
    <message>
        <source>The report</source>
        <translation>Der Bericht</translation>
    </message>
    <message>
        <source>Show the report</source>
        <translation>Bericht zeigen</translation>
    </message>
    <message>
        <source>Show what the report says</source>
        <translation>Zeigen, was der Bericht sagt</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>Kopieren</translation>
    </message>
    <message>
        <source>Copy the report, to send it to somebody</source>
        <translation>Den Bericht kopieren, um ihn jemandem zu senden</translation>
    </message>
    <message>
        <source>Close; the report stays in the folder of the log</source>
        <translation>Schließen; der Bericht bleibt im Ordner des Protokolls</translation>
    </message>
    <message>
        <source>{0} cannot be read any more.</source>
        <translation>{0} ist nicht mehr lesbar.</translation>
    </message>
    <message>
        <source>Export</source>
        <translation>Export</translation>
    </message>
    <message>
        <source>Series {0} · {1}</source>
        <translation>Serie {0} · {1}</translation>
    </message>
    <message>
        <source>RESULTS AS DICOM</source>
        <translation>ERGEBNISSE ALS DICOM</translation>
    </message>
    <message>
        <source>Results of another series: choose that series, then export.</source>
        <translation>Ergebnisse einer anderen Serie: Wählen Sie jene Serie, dann exportieren Sie.</translation>
    </message>
    <message>
        <source>SLICES AS PICTURES (DICOM SECONDARY CAPTURE AND PNG)</source>
        <translation>SCHICHTEN ALS BILDER (DICOM SECONDARY CAPTURE UND PNG)</translation>
    </message>
    <message>
        <source>None</source>
        <translation>Keine</translation>
    </message>
    <message>
        <source>FINDINGS AND VERDICTS (CSV, JSON AND DICOM REPORT)</source>
        <translation>BEFUNDE UND URTEILE (CSV, JSON UND DICOM-BERICHT)</translation>
    </message>
    <message>
        <source>KEY IMAGES (DICOM KEY OBJECT SELECTION)</source>
        <translation>SCHLÜSSELBILDER (DICOM KEY OBJECT SELECTION)</translation>
    </message>
    <message>
        <source>Key images of another series: choose that series, then export.</source>
        <translation>Schlüsselbilder einer anderen Serie: Wählen Sie jene Serie, dann exportieren Sie.</translation>
    </message>
    <message>
        <source>MEASUREMENTS (CSV AND DICOM REPORT)</source>
        <translation>MESSUNGEN (CSV UND DICOM-BERICHT)</translation>
    </message>
    <message>
        <source>The key image of this series</source>
        <translation>Das Schlüsselbild dieser Serie</translation>
    </message>
    <message>
        <source>The {0} key images of this series</source>
        <translation>Die {0} Schlüsselbilder dieser Serie</translation>
    </message>
    <message>
        <source>Slice on screen</source>
        <translation>Schicht auf dem Bildschirm</translation>
    </message>
    <message>
        <source>Every slice above a heat map&apos;s threshold</source>
        <translation>Jede Schicht über der Schwelle einer Heatmap</translation>
    </message>
    <message>
        <source>Every slice on which {0} reaches its threshold ({1})</source>
        <translation>Jede Schicht, auf der {0} die Schwelle erreicht ({1})</translation>
    </message>
    <message>
        <source>Slice {0} of {1} (simulated)</source>
        <translation>Schicht {0} von {1} (simuliert)</translation>
    </message>
    <message>
        <source>Slice {0} of {1} (synthetic)</source>
        <translation>Schicht {0} von {1} (synthetisch)</translation>
    </message>
    <message>
        <source>Slice {0} of {1}</source>
        <translation>Schicht {0} von {1}</translation>
    </message>
    <message>
        <source>Write the chosen results</source>
        <translation>Die gewählten Ergebnisse schreiben</translation>
    </message>
    <message>
        <source> (not finished: only its finished slices)</source>
        <translation> (nicht fertig: nur die fertigen Schichten)</translation>
    </message>
    <message>
        <source>The measurement</source>
        <translation>Die Messung</translation>
    </message>
    <message>
        <source>The {0} measurements</source>
        <translation>Die {0} Messungen</translation>
    </message>
    <message>
        <source>{0} of this study</source>
        <translation>{0} dieser Untersuchung</translation>
    </message>
    <message>
        <source>one figure</source>
        <translation>einer Zeichnung</translation>
    </message>
    <message>
        <source>{0} figures</source>
        <translation>{0} Zeichnungen</translation>
    </message>
    <message>
        <source>{0}, {1} in place of the original</source>
        <translation>{0}, {1} anstelle des Originals</translation>
    </message>
    <message>
        <source>{0}, with {1} drawn on it</source>
        <translation>{0}, mit {1} darauf</translation>
    </message>
    <message>
        <source>{0}, with nothing drawn on it</source>
        <translation>{0}, ohne etwas darauf</translation>
    </message>
    <message>
        <source>{0}, with the results that are visible drawn on it</source>
        <translation>{0}, mit den sichtbaren Ergebnissen darauf</translation>
    </message>
    <message>
        <source>{0}, and {1}</source>
        <translation>{0}, und mit {1}</translation>
    </message>
    <message>
        <source>Drawn on it:</source>
        <translation>Darauf gezeichnet:</translation>
    </message>
    <message>
        <source>Made from another series, not drawn:</source>
        <translation>Aus einer anderen Serie gemacht, nicht gezeichnet:</translation>
    </message>
    <message>
        <source>The report could not be made.</source>
        <translation>Der Bericht konnte nicht erstellt werden.</translation>
    </message>
    <message>
        <source>Something unexpected went wrong, and not everything was written.</source>
        <translation>Etwas Unerwartetes ging schief, und nicht alles wurde geschrieben.</translation>
    </message>
    <message>
        <source>Nothing was written.</source>
        <translation>Nichts wurde geschrieben.</translation>
    </message>
    <message>
        <source>Wrote 1 file to {1}.</source>
        <translation>1 Datei nach {1} geschrieben.</translation>
    </message>
    <message>
        <source>Wrote {0} files to {1}.</source>
        <translation>{0} Dateien nach {1} geschrieben.</translation>
    </message>
    <message>
        <source>No archive is set up yet; Archives… in the menu does that.</source>
        <translation>Noch ist kein Archiv eingerichtet; das geht im Menü unter Archive….</translation>
    </message>
    <message>
        <source>The archive gets them with the patient&apos;s identity, so that they join the study that they were made from.</source>
        <translation>Das Archiv bekommt sie mit der Identität des Patienten, damit sie zu der Untersuchung kommen, aus der sie gemacht wurden.</translation>
    </message>
    <message>
        <source>FOLDER</source>
        <translation>ORDNER</translation>
    </message>
    <message>
        <source>Folder to write to</source>
        <translation>Zielordner</translation>
    </message>
    <message>
        <source>Choose a folder; report, films and pictures need one</source>
        <translation>Wählen Sie einen Ordner; Bericht, Filme und Bilder brauchen einen</translation>
    </message>
    <message>
        <source>Choose a folder to write to</source>
        <translation>Einen Zielordner wählen</translation>
    </message>
    <message>
        <source>ARCHIVE</source>
        <translation>ARCHIV</translation>
    </message>
    <message>
        <source>Send what is DICOM to</source>
        <translation>Was DICOM ist, senden an</translation>
    </message>
    <message>
        <source>Archive to send to</source>
        <translation>Zielarchiv</translation>
    </message>
    <message>
        <source>Export to</source>
        <translation>Exportieren nach</translation>
    </message>
    <message>
        <source>DICOM files and the report carry a pseudonym and new identifiers, the same for all that is exported until the program ends; your reasons for verdicts are left out. Everything synthetic is marked in them.</source>
        <translation>DICOM-Dateien und der Bericht tragen ein Pseudonym und neue Kennungen, dieselben für alles, was bis zum Ende des Programms exportiert wird; Ihre Begründungen der Urteile entfallen. Alles Synthetische ist darin gekennzeichnet.</translation>
    </message>
    <message>
        <source>DICOM files and the report carry the patient&apos;s identity; pictures, films and lists of findings do not. Everything synthetic is marked in them.</source>
        <translation>DICOM-Dateien und der Bericht tragen die Identität des Patienten; Bilder, Filme und Befundlisten nicht. Alles Synthetische ist darin gekennzeichnet.</translation>
    </message>
    <message>
        <source>Without the patient&apos;s identity (DICOM PS3.15, Basic profile)</source>
        <translation>Ohne die Identität des Patienten (DICOM PS3.15, Basic Profile)</translation>
    </message>
    <message>
        <source>What goes?</source>
        <translation>Was entfällt?</translation>
    </message>
    <message>
        <source>List the attributes that are removed or replaced</source>
        <translation>Die Attribute auflisten, die entfernt oder ersetzt werden</translation>
    </message>
    <message>
        <source>What goes could not be listed.</source>
        <translation>Was entfällt, konnte nicht aufgelistet werden.</translation>
    </message>
    <message>
        <source>{0}. Private attributes are never copied.</source>
        <translation>{0}. Private Attribute werden nie kopiert.</translation>
    </message>
    <message>
        <source>REPORT (PDF)</source>
        <translation>BERICHT (PDF)</translation>
    </message>
    <message>
        <source>Report on this study</source>
        <translation>Bericht über diese Untersuchung</translation>
    </message>
    <message>
        <source>Preview</source>
        <translation>Vorschau</translation>
    </message>
    <message>
        <source>See the pages of the report before they are written</source>
        <translation>Die Seiten des Berichts ansehen, bevor sie geschrieben werden</translation>
    </message>
    <message>
        <source>Pictures, findings with verdicts, volumes, measurements, and what the models&apos; cards say.</source>
        <translation>Bilder, Befunde mit Urteilen, Volumina, Messungen und was die Modellkarten sagen.</translation>
    </message>
    <message>
        <source>FILMS OF SYNTHETIC IMAGES</source>
        <translation>FILME SYNTHETISCHER BILDER</translation>
    </message>
    <message>
        <source>Films as {0}</source>
        <translation>Filme als {0}</translation>
    </message>
    <message>
        <source>{0}: slice after slice, the mark in every frame.</source>
        <translation>{0}: Schicht für Schicht, die Kennzeichnung in jedem Bild.</translation>
    </message>
    <message>
        <source>What is exported, and how</source>
        <translation>Was exportiert wird und wie</translation>
    </message>
    <message>
        <source>{0} accepted</source>
        <translation>{0} angenommen</translation>
    </message>
    <message>
        <source>{0} rejected</source>
        <translation>{0} verworfen</translation>
    </message>
    <message>
        <source>1 finding</source>
        <translation>1 Befund</translation>
    </message>
    <message>
        <source>{0} findings</source>
        <translation>{0} Befunde</translation>
    </message>
    <message>
        <source>none judged yet</source>
        <translation>noch keiner beurteilt</translation>
    </message>
    <message>
        <source>The active pane does not show this series.</source>
        <translation>Die aktive Ansicht zeigt diese Serie nicht.</translation>
    </message>
    <message>
        <source>The active pane shows {0}; a picture can be made only of a slice as it was acquired.</source>
        <translation>Die aktive Ansicht zeigt {0}; ein Bild entsteht nur aus einer Schicht, wie sie aufgenommen wurde.</translation>
    </message>
    <message>
        <source>The slice on screen has not been read.</source>
        <translation>Die Schicht auf dem Bildschirm ist noch nicht gelesen.</translation>
    </message>
    <message>
        <source>{0} is not computed on the slice on screen.</source>
        <translation>{0} ist auf der gezeigten Schicht nicht berechnet.</translation>
    </message>
    <message>
        <source>a turned {0} plane cut through the volume</source>
        <translation>eine gedrehte Ebene durch das Volumen ({0})</translation>
    </message>
    <message>
        <source>a {0} plane cut through the volume</source>
        <translation>eine Ebene durch das Volumen ({0})</translation>
    </message>
    <message>
        <source>a turned {0} slab cut through the volume</source>
        <translation>eine gedrehte Dickschicht durch das Volumen ({0})</translation>
    </message>
    <message>
        <source>a {0} slab cut through the volume</source>
        <translation>eine Dickschicht durch das Volumen ({0})</translation>
    </message>
    <message>
        <source>{0} reaches its threshold on no slice.</source>
        <translation>{0} erreicht auf keiner Schicht die Schwelle.</translation>
    </message>
    <message>
        <source>One key image is on another series; select that and export again for its list.</source>
        <translation>Ein Schlüsselbild ist auf einer anderen Serie; wählen Sie jene und exportieren Sie noch einmal für ihre Liste.</translation>
    </message>
    <message>
        <source>{0} key images are on another series; select that and export again for its list.</source>
        <translation>{0} Schlüsselbilder sind auf einer anderen Serie; wählen Sie jene und exportieren Sie noch einmal für ihre Liste.</translation>
    </message>
    <message>
        <source>One measurement is in the table alone: its series is not open.</source>
        <translation>Eine Messung steht nur in der Tabelle: Ihre Serie ist nicht geöffnet.</translation>
    </message>
    <message>
        <source>{0} measurements are in the table alone: its series is not open.</source>
        <translation>{0} Messungen stehen nur in der Tabelle: Ihre Serie ist nicht geöffnet.</translation>
    </message>
    <message>
        <source>Not all was sent to {0}. {1}</source>
        <translation>Nicht alles wurde an {0} gesendet. {1}</translation>
    </message>
    <message>
        <source>{0} took 1 DICOM object.</source>
        <translation>{0} nahm 1 DICOM-Objekt an.</translation>
    </message>
    <message>
        <source>{0} took {1} DICOM objects.</source>
        <translation>{0} nahm {1} DICOM-Objekte an.</translation>
    </message>
    <message>
        <source>Models (*.onnx *.zip);;All files (*)</source>
        <translation>Modelle (*.onnx *.zip);;Alle Dateien (*)</translation>
    </message>
    <message>
        <source>An ONNX file, a MONAI bundle as a folder or zip, or an archive of whole models. What a network&apos;s file does not say, such as the region, the pixel size and what the output means, stands in a description: write a template and fill it in.</source>
        <translation>Eine ONNX-Datei, ein MONAI-Bundle als Ordner oder Zip, oder ein Archiv ganzer Modelle. Was die Datei eines Netzes nicht sagt, etwa Körperregion, Pixelgröße und Bedeutung der Ausgabe, steht in einer Beschreibung: Schreiben Sie eine Vorlage und füllen Sie sie aus.</translation>
    </message>
    <message>
        <source>Import model</source>
        <translation>Modell importieren</translation>
    </message>
    <message>
        <source>MODEL</source>
        <translation>MODELL</translation>
    </message>
    <message>
        <source>ONNX file, MONAI bundle or archive of models</source>
        <translation>ONNX-Datei, MONAI-Bundle oder Archiv von Modellen</translation>
    </message>
    <message>
        <source>File…</source>
        <translation>Datei…</translation>
    </message>
    <message>
        <source>Folder…</source>
        <translation>Ordner…</translation>
    </message>
    <message>
        <source>DESCRIPTION (TOML)</source>
        <translation>BESCHREIBUNG (TOML)</translation>
    </message>
    <message>
        <source>None: the file describes itself</source>
        <translation>Keine: Die Datei beschreibt sich selbst</translation>
    </message>
    <message>
        <source>Template…</source>
        <translation>Vorlage…</translation>
    </message>
    <message>
        <source>NAME OF ITS FOLDER</source>
        <translation>NAME SEINES ORDNERS</translation>
    </message>
    <message>
        <source>Named after the file</source>
        <translation>Nach der Datei benannt</translation>
    </message>
    <message>
        <source>Open the file and run it once</source>
        <translation>Die Datei öffnen und einmal ausführen</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>Modell</translation>
    </message>
    <message>
        <source>MONAI bundle</source>
        <translation>MONAI-Bundle</translation>
    </message>
    <message>
        <source>Description</source>
        <translation>Beschreibung</translation>
    </message>
    <message>
        <source>TOML (*.toml)</source>
        <translation>TOML (*.toml)</translation>
    </message>
    <message>
        <source>Template</source>
        <translation>Vorlage</translation>
    </message>
    <message>
        <source>Fill in the template with a text editor, then check.</source>
        <translation>Füllen Sie die Vorlage in einem Texteditor aus, dann prüfen Sie.</translation>
    </message>
    <message>
        <source>Add</source>
        <translation>Hinzufügen</translation>
    </message>
    <message>
        <source>Opening the file in a process of its own…</source>
        <translation>Die Datei wird in einem eigenen Prozess geöffnet…</translation>
    </message>
    <message>
        <source>Research use only.</source>
        <translation>Nur für die Forschung.</translation>
    </message>
    <message>
        <source>The file could not be checked ({0}).</source>
        <translation>Die Datei konnte nicht geprüft werden ({0}).</translation>
    </message>
    <message>
        <source>Its numbers are on its card.</source>
        <translation>Seine Zahlen stehen auf seiner Karte.</translation>
    </message>
    <message>
        <source>Not evaluated: how well it does, and for whom, is not known.</source>
        <translation>Nicht bewertet: Wie gut es ist, und bei wem, ist nicht bekannt.</translation>
    </message>
    <message>
        <source>{0}: {1}; {2}; licence: {3}.
{4}</source>
        <translation>{0}: {1}; {2}; Lizenz: {3}.
{4}</translation>
    </message>
    <message>
        <source>Report</source>
        <translation>Bericht</translation>
    </message>
    <message>
        <source>Page {0} of {1}</source>
        <translation>Seite {0} von {1}</translation>
    </message>
    <message>
        <source>Model card: {0}</source>
        <translation>Modellkarte: {0}</translation>
    </message>
    <message>
        <source>Tools</source>
        <translation>Werkzeuge</translation>
    </message>
    <message>
        <source>File</source>
        <translation>Datei</translation>
    </message>
    <message>
        <source>Edit</source>
        <translation>Bearbeiten</translation>
    </message>
    <message>
        <source>Image</source>
        <translation>Bild</translation>
    </message>
    <message>
        <source>Findings</source>
        <translation>Befunde</translation>
    </message>
    <message>
        <source>Compare</source>
        <translation>Vergleichen</translation>
    </message>
    <message>
        <source>Slab</source>
        <translation>Dickschicht</translation>
    </message>
    <message>
        <source>Cine</source>
        <translation>Cine</translation>
    </message>
    <message>
        <source>Layout</source>
        <translation>Anordnung</translation>
    </message>
    <message>
        <source>View</source>
        <translation>Ansicht</translation>
    </message>
    <message>
        <source>Help</source>
        <translation>Hilfe</translation>
    </message>
    <message>
        <source>Segment</source>
        <translation>Segmentieren</translation>
    </message>
    <message>
        <source>hold {0}</source>
        <translation>{0} halten</translation>
    </message>
    <message>
        <source>Shows what generative models make of a scan, beside the scan.</source>
        <translation>Zeigt neben der Aufnahme, was generative Modelle aus ihr machen.</translation>
    </message>
    <message>
        <source>**Research use only. Not a medical device, not for diagnosis.** Every synthetic pixel carries a violet mark on screen and in every export. Everything is computed on this computer; nothing is sent anywhere.</source>
        <translation>**Nur für die Forschung. Kein Medizinprodukt, nicht zur Diagnose.** Jedes synthetische Pixel trägt eine violette Kennzeichnung, auf dem Bildschirm und in jedem Export. Alles wird auf diesem Computer berechnet; nichts wird irgendwohin gesendet.</translation>
    </message>
    <message>
        <source>Apache License 2.0. Each model has a licence of its own on its card.</source>
        <translation>Apache-Lizenz 2.0. Jedes Modell hat eine eigene Lizenz auf seiner Karte.</translation>
    </message>
    <message>
        <source>About MedGAN Viewer</source>
        <translation>Über MedGAN Viewer</translation>
    </message>
    <message>
        <source>The findings could not be listed; the heat map itself is unharmed.</source>
        <translation>Die Befunde konnten nicht aufgelistet werden; die Heatmap selbst ist unversehrt.</translation>
    </message>
    <message>
        <source>Open…</source>
        <translation>Öffnen…</translation>
    </message>
    <message>
        <source>Menu</source>
        <translation>Menü</translation>
    </message>
    <message>
        <source>Everything the program can do</source>
        <translation>Alles, was das Programm kann</translation>
    </message>
    <message>
        <source>Open a study</source>
        <translation>Untersuchung öffnen</translation>
    </message>
    <message>
        <source>Drop DICOM or NIfTI files or a folder here. Nothing leaves this computer on its own.</source>
        <translation>Ziehen Sie DICOM- oder NIfTI-Dateien oder einen Ordner hierher. Nichts verlässt diesen Computer von selbst.</translation>
    </message>
    <message>
        <source>Try the virtual patient</source>
        <translation>Virtuellen Patienten ausprobieren</translation>
    </message>
    <message>
        <source>A head made by the program&apos;s own generator; it belongs to nobody</source>
        <translation>Ein Kopf aus dem Generator des Programms; er gehört niemandem</translation>
    </message>
    <message>
        <source>Research use only. Not for diagnosis.</source>
        <translation>Nur für die Forschung. Nicht zur Diagnose.</translation>
    </message>
    <message>
        <source>Head CT: brain and bone</source>
        <translation>CT Kopf: Hirn und Knochen</translation>
    </message>
    <message>
        <source>Brain MR: T1, T2, FLAIR, contrast</source>
        <translation>MR Hirn: T1, T2, FLAIR, Kontrastmittel</translation>
    </message>
    <message>
        <source>Original | synthetic</source>
        <translation>Original | synthetisch</translation>
    </message>
    <message>
        <source>Original | overlay | heat map | findings</source>
        <translation>Original | Overlay | Heatmap | Befunde</translation>
    </message>
    <message>
        <source>Hanging protocols</source>
        <translation>Hängeprotokolle</translation>
    </message>
    <message>
        <source>Name of the hanging protocol:</source>
        <translation>Name des Hängeprotokolls:</translation>
    </message>
    <message>
        <source>Save this layout</source>
        <translation>Diese Anordnung speichern</translation>
    </message>
    <message>
        <source>The hanging protocol could not be written ({0}).</source>
        <translation>Das Hängeprotokoll konnte nicht geschrieben werden ({0}).</translation>
    </message>
    <message>
        <source>Saved; it is in the menu of layouts, under hanging protocols.</source>
        <translation>Gespeichert; es ist im Menü der Anordnungen unter Hängeprotokolle.</translation>
    </message>
    <message>
        <source>The measurements and key images kept of this study cannot be read; their file was put aside ({0}).</source>
        <translation>Die aufgehobenen Messungen und Schlüsselbilder dieser Untersuchung sind nicht lesbar; ihre Datei wurde beiseitegelegt ({0}).</translation>
    </message>
    <message>
        <source>the log has the details</source>
        <translation>Einzelheiten stehen im Protokoll</translation>
    </message>
    <message>
        <source>Measurements and key images could not be kept on disk: {0}</source>
        <translation>Messungen und Schlüsselbilder konnten nicht gespeichert werden: {0}</translation>
    </message>
    <message>
        <source>A key image is a slice as it was acquired; the active pane shows none, or a cut through them.</source>
        <translation>Ein Schlüsselbild ist eine Schicht, wie sie aufgenommen wurde; die aktive Ansicht zeigt keine, oder einen Schnitt durch sie.</translation>
    </message>
    <message>
        <source>Right click</source>
        <translation>Rechtsklick</translation>
    </message>
    <message>
        <source>Shift + move</source>
        <translation>Umschalt + Bewegen</translation>
    </message>
    <message>
        <source>Ring on a line of MPR</source>
        <translation>Ring auf einer MPR-Linie</translation>
    </message>
    <message>
        <source>Drag it to turn the planes</source>
        <translation>Ziehen dreht die Ebenen</translation>
    </message>
    <message>
        <source>vanishing gradient</source>
        <translation>verschwindender Gradient</translation>
    </message>
    <message>
        <source>discriminator too strong</source>
        <translation>zu starker Diskriminator</translation>
    </message>
    <message>
        <source>memorising</source>
        <translation>Auswendiglernen</translation>
    </message>
    <message>
        <source>mode collapse</source>
        <translation>Moduskollaps</translation>
    </message>
    <message>
        <source>oscillation</source>
        <translation>Oszillation</translation>
    </message>
    <message>
        <source>{0} (steps {1})</source>
        <translation>{0} (Schritte {1})</translation>
    </message>
    <message>
        <source>Earlier, and over: {0}</source>
        <translation>Früher und vorbei: {0}</translation>
    </message>
    <message>
        <source>Alarm: {0} {1}</source>
        <translation>Alarm: {0} {1}</translation>
    </message>
    <message>
        <source>{0} · since step {1:,}</source>
        <translation>{0} · seit Schritt {1:,}</translation>
    </message>
    <message>
        <source>What to try: {0}</source>
        <translation>Was helfen kann: {0}</translation>
    </message>
    <message>
        <source>Losses</source>
        <translation>Verluste</translation>
    </message>
    <message>
        <source>generator</source>
        <translation>Generator</translation>
    </message>
    <message>
        <source>discriminator</source>
        <translation>Diskriminator</translation>
    </message>
    <message>
        <source>Gradient norms</source>
        <translation>Gradientennormen</translation>
    </message>
    <message>
        <source>adversarial</source>
        <translation>adversariell</translation>
    </message>
    <message>
        <source>reconstruction</source>
        <translation>Rekonstruktion</translation>
    </message>
    <message>
        <source>Discriminator is right (share)</source>
        <translation>Diskriminator liegt richtig (Anteil)</translation>
    </message>
    <message>
        <source>train</source>
        <translation>Training</translation>
    </message>
    <message>
        <source>held out</source>
        <translation>zurückgehalten</translation>
    </message>
    <message>
        <source>generated</source>
        <translation>erzeugt</translation>
    </message>
    <message>
        <source>Similarity of pairs, coverage</source>
        <translation>Ähnlichkeit von Paaren, Abdeckung</translation>
    </message>
    <message>
        <source>real</source>
        <translation>echt</translation>
    </message>
    <message>
        <source>coverage</source>
        <translation>Abdeckung</translation>
    </message>
    <message>
        <source>not measured yet</source>
        <translation>noch nicht gemessen</translation>
    </message>
    <message>
        <source>nothing measured yet</source>
        <translation>noch nichts gemessen</translation>
    </message>
    <message>
        <source>{0} left</source>
        <translation>noch {0}</translation>
    </message>
    <message>
        <source>step {0} of {1}</source>
        <translation>Schritt {0} von {1}</translation>
    </message>
    <message>
        <source>starting</source>
        <translation>beginnt</translation>
    </message>
    <message>
        <source>running</source>
        <translation>läuft</translation>
    </message>
    <message>
        <source>paused</source>
        <translation>angehalten</translation>
    </message>
    <message>
        <source>stopped, can go on</source>
        <translation>beendet, kann weitergehen</translation>
    </message>
    <message>
        <source>interrupted, can go on from its checkpoint</source>
        <translation>unterbrochen, kann ab seinem Checkpoint weitergehen</translation>
    </message>
    <message>
        <source>finished</source>
        <translation>fertig</translation>
    </message>
    <message>
        <source>failed</source>
        <translation>fehlgeschlagen</translation>
    </message>
    <message>
        <source>Hold the training after its present step, with a checkpoint</source>
        <translation>Das Training nach dem jetzigen Schritt anhalten, mit Checkpoint</translation>
    </message>
    <message>
        <source>Resume</source>
        <translation>Fortsetzen</translation>
    </message>
    <message>
        <source>Go on</source>
        <translation>Weitermachen</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>Beenden</translation>
    </message>
    <message>
        <source>Save a checkpoint and end; the training can go on later</source>
        <translation>Einen Checkpoint speichern und enden; das Training kann später weitergehen</translation>
    </message>
    <message>
        <source>Steps done</source>
        <translation>Gemachte Schritte</translation>
    </message>
    <message>
        <source>Pausing…</source>
        <translation>Hält an…</translation>
    </message>
    <message>
        <source>Stopping…</source>
        <translation>Endet…</translation>
    </message>
    <message>
        <source>Starting…</source>
        <translation>Beginnt…</translation>
    </message>
    <message>
        <source>step {0:,} of {1:,}</source>
        <translation>Schritt {0:,} von {1:,}</translation>
    </message>
    <message>
        <source>{0:.1f} images/s</source>
        <translation>{0:.1f} Bilder/s</translation>
    </message>
    <message>
        <source>{0} trained</source>
        <translation>{0} trainiert</translation>
    </message>
    <message>
        <source>stopped</source>
        <translation>beendet</translation>
    </message>
    <message>
        <source>interrupted</source>
        <translation>unterbrochen</translation>
    </message>
    <message>
        <source>Training {0}, {1}</source>
        <translation>Training {0}, {1}</translation>
    </message>
    <message>
        <source>TRAININGS</source>
        <translation>TRAININGS</translation>
    </message>
    <message>
        <source>Choose the folder that trainings are kept in</source>
        <translation>Den Ordner der Trainings wählen</translation>
    </message>
    <message>
        <source>Start a recipe…</source>
        <translation>Rezept starten…</translation>
    </message>
    <message>
        <source>Choose a recipe and train it</source>
        <translation>Ein Rezept wählen und trainieren</translation>
    </message>
    <message>
        <source>FIXED SAMPLES</source>
        <translation>FESTE BEISPIELE</translation>
    </message>
    <message>
        <source>Samples over time</source>
        <translation>Beispiele im Lauf der Zeit</translation>
    </message>
    <message>
        <source>Samples over time; at the right end the newest</source>
        <translation>Beispiele im Lauf der Zeit; am rechten Ende die neuesten</translation>
    </message>
    <message>
        <source>No samples yet.</source>
        <translation>Noch keine Beispiele.</translation>
    </message>
    <message>
        <source>This training has no samples.</source>
        <translation>Dieses Training hat keine Beispiele.</translation>
    </message>
    <message>
        <source>step {0:,}</source>
        <translation>Schritt {0:,}</translation>
    </message>
    <message>
        <source>The samples of this step cannot be read.</source>
        <translation>Die Beispiele dieses Schritts sind nicht lesbar.</translation>
    </message>
    <message>
        <source>the folder cannot be written</source>
        <translation>der Ordner ist nicht beschreibbar</translation>
    </message>
    <message>
        <source>The training could not be started: {0}.</source>
        <translation>Das Training konnte nicht gestartet werden: {0}.</translation>
    </message>
    <message>
        <source>The training was ended from outside before it began; memory may have run short.</source>
        <translation>Das Training wurde von außen beendet, bevor es begann; vielleicht reichte der Speicher nicht.</translation>
    </message>
    <message>
        <source>The training ended at once and said nothing.</source>
        <translation>Das Training endete sofort und sagte nichts.</translation>
    </message>
    <message>
        <source>Lab · MedGAN Viewer</source>
        <translation>Labor · MedGAN Viewer</translation>
    </message>
    <message>
        <source>Recipe of this training</source>
        <translation>Rezept dieses Trainings</translation>
    </message>
    <message>
        <source>Choose a folder…</source>
        <translation>Ordner wählen…</translation>
    </message>
    <message>
        <source>RECIPE</source>
        <translation>REZEPT</translation>
    </message>
    <message>
        <source>Looking for trainings…</source>
        <translation>Trainings werden gesucht…</translation>
    </message>
    <message>
        <source>No training here yet</source>
        <translation>Hier ist noch kein Training</translation>
    </message>
    <message>
        <source>A training is started from a recipe: a TOML file that names data, networks, objective and schedule. It runs in a process of its own and goes on when this window is closed.</source>
        <translation>Ein Training beginnt mit einem Rezept: einer TOML-Datei, die Daten, Netze, Zielfunktion und Zeitplan nennt. Es läuft in einem eigenen Prozess und geht weiter, wenn dieses Fenster geschlossen wird.</translation>
    </message>
    <message>
        <source>This folder cannot be read</source>
        <translation>Dieser Ordner ist nicht lesbar</translation>
    </message>
    <message>
        <source>Folder of the trainings</source>
        <translation>Ordner der Trainings</translation>
    </message>
    <message>
        <source>Recipe to train</source>
        <translation>Rezept zum Trainieren</translation>
    </message>
    <message>
        <source>Recipes (*.toml)</source>
        <translation>Rezepte (*.toml)</translation>
    </message>
    <message>
        <source>Training {0} is being started.</source>
        <translation>Training {0} wird gestartet.</translation>
    </message>
    <message>
        <source>Choose how many panes there are</source>
        <translation>Wählen, wie viele Ansichten es gibt</translation>
    </message>
    <message>
        <source>Layout: {0}</source>
        <translation>Anordnung: {0}</translation>
    </message>
    <message>
        <source>Nothing could be opened{0}; choose a folder with DICOM or NIfTI files.</source>
        <translation>Nichts konnte geöffnet werden{0}; wählen Sie einen Ordner mit DICOM- oder NIfTI-Dateien.</translation>
    </message>
    <message>
        <source>Something went wrong while reading; the log has the details.</source>
        <translation>Beim Lesen ging etwas schief; Einzelheiten stehen im Protokoll.</translation>
    </message>
    <message>
        <source>One slice</source>
        <translation>Eine Schicht</translation>
    </message>
    <message>
        <source>{0} slices</source>
        <translation>{0} Schichten</translation>
    </message>
    <message>
        <source>{0} of this series could not be read; the list on the left names each and says why.</source>
        <translation>{0} dieser Serie nicht lesbar; die Liste links nennt jede mit dem Grund.</translation>
    </message>
    <message>
        <source>Reading the folder…</source>
        <translation>Der Ordner wird gelesen…</translation>
    </message>
    <message>
        <source>{0}: finished, in the list on the left under Results.</source>
        <translation>{0}: fertig, links in der Liste unter Ergebnisse.</translation>
    </message>
    <message>
        <source>The presets are in HU and this image is not; press 0 for an automatic window.</source>
        <translation>Die Fenstervorgaben gelten für HU, und dieses Bild hat keine; 0 gibt eine automatische Fensterung.</translation>
    </message>
    <message>
        <source>Delete {0}</source>
        <translation>{0} löschen</translation>
    </message>
    <message>
        <source>Rename {0}</source>
        <translation>{0} umbenennen</translation>
    </message>
    <message>
        <source>Show {0} in the pane</source>
        <translation>{0} in der Ansicht zeigen</translation>
    </message>
    <message>
        <source>Open a folder with studies</source>
        <translation>Ordner mit Untersuchungen öffnen</translation>
    </message>
    <message>
        <source>sharpness</source>
        <translation>Schärfe</translation>
    </message>
    <message>
        <source>strength</source>
        <translation>Stärke</translation>
    </message>
    <message>
        <source>{0} of {1}, from {2} to {3}</source>
        <translation>{0} von {1}, von {2} bis {3}</translation>
    </message>
    <message>
        <source>Draw the doubt of {0} over its images</source>
        <translation>Die Unsicherheit von {0} über die Bilder zeichnen</translation>
    </message>
    <message>
        <source>Show how far off {0} may be</source>
        <translation>Zeigen, wie weit {0} danebenliegen kann</translation>
    </message>
    <message>
        <source>All {0}</source>
        <translation>Alle {0}</translation>
    </message>
    <message>
        <source>List all findings: {0}</source>
        <translation>Alle Befunde auflisten: {0}</translation>
    </message>
    <message>
        <source>Open {0}</source>
        <translation>Offen {0}</translation>
    </message>
    <message>
        <source>List open findings: {0}</source>
        <translation>Offene Befunde auflisten: {0}</translation>
    </message>
    <message>
        <source>Accepted {0}</source>
        <translation>Angenommen {0}</translation>
    </message>
    <message>
        <source>List accepted findings: {0}</source>
        <translation>Angenommene Befunde auflisten: {0}</translation>
    </message>
    <message>
        <source>Rejected {0}</source>
        <translation>Verworfen {0}</translation>
    </message>
    <message>
        <source>List rejected findings: {0}</source>
        <translation>Verworfene Befunde auflisten: {0}</translation>
    </message>
    <message>
        <source>Say why finding {0} was rejected</source>
        <translation>Sagen, warum Befund {0} verworfen wurde</translation>
    </message>
    <message>
        <source>1 in {0} healthy people shows as much</source>
        <translation>bei 1 von {0} Gesunden ebenso auffällig</translation>
    </message>
    <message>
        <source>healthy people often show as much</source>
        <translation>bei Gesunden oft ebenso auffällig</translation>
    </message>
    <message>
        <source>score {0}, not calibrated on healthy people</source>
        <translation>Wert {0}, nicht an Gesunden kalibriert</translation>
    </message>
    <message>
        <source>at most 1 in {0} healthy people shows as much</source>
        <translation>höchstens bei 1 von {0} Gesunden ebenso auffällig</translation>
    </message>
    <message>
        <source>{0} (reference)</source>
        <translation>{0} (Richtwert)</translation>
    </message>
    <message>
        <source>Score {0}: it runs from 0 to 1 and is no probability.</source>
        <translation>Wert {0}: Er reicht von 0 bis 1 und ist keine Wahrscheinlichkeit.</translation>
    </message>
    <message>
        <source>{0} (lowered from {1})</source>
        <translation>{0} (gesenkt von {1})</translation>
    </message>
    <message>
        <source>{0} (raised from {1})</source>
        <translation>{0} (angehoben von {1})</translation>
    </message>
    <message>
        <source>1 finding above the threshold.</source>
        <translation>1 Befund über der Schwelle.</translation>
    </message>
    <message>
        <source>{0} findings, each above the threshold of its model.</source>
        <translation>{0} Befunde, jeder über der Schwelle seines Modells.</translation>
    </message>
    <message>
        <source>{0} findings above the threshold.</source>
        <translation>{0} Befunde über der Schwelle.</translation>
    </message>
    <message>
        <source>{0} Listed from {1}.</source>
        <translation>{0} Aufgeführt ab {1}.</translation>
    </message>
    <message>
        <source>No findings in this study: run an anomaly model first.</source>
        <translation>Keine Befunde in dieser Untersuchung: Führen Sie zuerst ein Anomaliemodell aus.</translation>
    </message>
    <message>
        <source>No finding is listed under this choice; “All”, left of the findings, lists them.</source>
        <translation>Unter dieser Auswahl steht kein Befund; „Alle“ links neben den Befunden führt sie auf.</translation>
    </message>
    <message>
        <source>No finding so far; the model is still at work.</source>
        <translation>Bisher kein Befund; das Modell rechnet noch.</translation>
    </message>
    <message>
        <source>No finding so far; they are still being listed.</source>
        <translation>Noch kein Befund; sie werden noch aufgelistet.</translation>
    </message>
    <message>
        <source>No finding above the threshold; “List less certain ones”, below the images, lowers it.</source>
        <translation>Kein Befund über der Schwelle; „Weniger sichere auflisten“ unter den Bildern senkt sie.</translation>
    </message>
    <message>
        <source>{0} Measured on {1}.</source>
        <translation>{0} Gemessen an {1}.</translation>
    </message>
    <message>
        <source>{0} It is not calibrated.</source>
        <translation>{0} Er ist nicht kalibriert.</translation>
    </message>
    <message>
        <source>{0} · slice {1} · {2:.1f} ml</source>
        <translation>{0} · Schicht {1} · {2:.1f} ml</translation>
    </message>
    <message>
        <source>Accept finding {0} (Enter)</source>
        <translation>Befund {0} annehmen (Enter)</translation>
    </message>
    <message>
        <source>Reject</source>
        <translation>Verwerfen</translation>
    </message>
    <message>
        <source>Reject finding {0} (Del)</source>
        <translation>Befund {0} verwerfen (Entf)</translation>
    </message>
    <message>
        <source>Why…</source>
        <translation>Warum…</translation>
    </message>
    <message>
        <source>Note…</source>
        <translation>Notiz…</translation>
    </message>
    <message>
        <source>Write a note on finding {0}</source>
        <translation>Eine Notiz zu Befund {0} schreiben</translation>
    </message>
    <message>
        <source>Note on finding {0}. It is exported with the verdict, except where identity is taken out; name nobody.</source>
        <translation>Notiz zu Befund {0}. Sie wird mit dem Urteil exportiert, außer wo die Identität entfernt wird; nennen Sie keine Namen.</translation>
    </message>
    <message>
        <source>Why was finding {0} rejected? It is exported with the verdict, except where identity is taken out; name nobody.</source>
        <translation>Warum wurde Befund {0} verworfen? Der Grund wird mit dem Urteil exportiert, außer wo die Identität entfernt wird; nennen Sie keine Namen.</translation>
    </message>
    <message>
        <source>Say why finding {0} was judged so</source>
        <translation>Sagen, warum Befund {0} so beurteilt wurde</translation>
    </message>
    <message>
        <source>Finding {0}, slice {1}</source>
        <translation>Befund {0}, Schicht {1}</translation>
    </message>
    <message>
        <source>Accepted</source>
        <translation>Angenommen</translation>
    </message>
    <message>
        <source>Rejected</source>
        <translation>Verworfen</translation>
    </message>
    <message>
        <source>Choose a finding first; N goes to the next one.</source>
        <translation>Wählen Sie zuerst einen Befund; N geht zum nächsten.</translation>
    </message>
    <message>
        <source>Finding {0}</source>
        <translation>Befund {0}</translation>
    </message>
    <message>
        <source>No finding above the threshold. This does not mean healthy.</source>
        <translation>Kein Befund über der Schwelle. Das heißt nicht gesund.</translation>
    </message>
    <message>
        <source>Histogram of {0}{1}: {2} to {3} {4}</source>
        <translation>Histogramm von {0}{1}: {2} bis {3} {4}</translation>
    </message>
    <message>
        <source>Key image · slice {0}</source>
        <translation>Schlüsselbild · Schicht {0}</translation>
    </message>
    <message>
        <source>Take the mark of slice {0} away</source>
        <translation>Die Markierung von Schicht {0} wegnehmen</translation>
    </message>
    <message>
        <source>Key image, {0}, slice {1}</source>
        <translation>Schlüsselbild, {0}, Schicht {1}</translation>
    </message>
    <message>
        <source>Draw {0} over the original</source>
        <translation>{0} über das Original zeichnen</translation>
    </message>
    <message>
        <source>Remove {0} (can be undone)</source>
        <translation>{0} entfernen (kann rückgängig gemacht werden)</translation>
    </message>
    <message>
        <source>Opacity of {0}</source>
        <translation>Deckkraft von {0}</translation>
    </message>
    <message>
        <source>Show {0}</source>
        <translation>{0} einblenden</translation>
    </message>
    <message>
        <source>Hide {0}</source>
        <translation>{0} ausblenden</translation>
    </message>
    <message>
        <source>{0} of {1}</source>
        <translation>{0} ({1})</translation>
    </message>
    <message>
        <source>Opacity</source>
        <translation>Deckkraft</translation>
    </message>
    <message>
        <source>Colour map of {0}</source>
        <translation>Farbskala von {0}</translation>
    </message>
    <message>
        <source>Colour map</source>
        <translation>Farbskala</translation>
    </message>
    <message>
        <source>Colours of {0}: 0 to {1}</source>
        <translation>Farben von {0}: 0 bis {1}</translation>
    </message>
    <message>
        <source>Fade the image where it is wide</source>
        <translation>Das Bild ausblenden, wo der Bereich weit ist</translation>
    </message>
    <message>
        <source>Let the overlay of the image fade where {0} is wide</source>
        <translation>Das Overlay des Bildes ausblenden, wo {0} weit ist</translation>
    </message>
    <message>
        <source>Fading</source>
        <translation>Ausblenden</translation>
    </message>
    <message>
        <source>No fading</source>
        <translation>Kein Ausblenden</translation>
    </message>
    <message>
        <source>Threshold of {0}</source>
        <translation>Schwelle von {0}</translation>
    </message>
    <message>
        <source>Threshold</source>
        <translation>Schwelle</translation>
    </message>
    <message>
        <source>healthy people</source>
        <translation>Gesunden</translation>
    </message>
    <message>
        <source>the reference patients</source>
        <translation>Referenzpatienten</translation>
    </message>
    <message>
        <source>Threshold: alarms in {0:.1%} of {1} (score {2})</source>
        <translation>Schwelle: Alarm bei {0:.1%} der {1} (Wert {2})</translation>
    </message>
    <message>
        <source>Threshold: score {0}; not calibrated on healthy people</source>
        <translation>Schwelle: Wert {0}; nicht an Gesunden kalibriert</translation>
    </message>
    <message>
        <source>Outline only</source>
        <translation>Nur Umriss</translation>
    </message>
    <message>
        <source>Draw only the outlines of {0}</source>
        <translation>Nur die Umrisse von {0} zeichnen</translation>
    </message>
    <message>
        <source>Draw in {0}</source>
        <translation>In {0} zeichnen</translation>
    </message>
    <message>
        <source>3D</source>
        <translation>3D</translation>
    </message>
    <message>
        <source>Show the surfaces of {0}</source>
        <translation>Die Oberflächen von {0} zeigen</translation>
    </message>
    <message>
        <source>Volumes in {0} of {1} slices</source>
        <translation>Volumina in {0} von {1} Schichten</translation>
    </message>
    <message>
        <source>Filled</source>
        <translation>Gefüllt</translation>
    </message>
    <message>
        <source>, measured on {0}</source>
        <translation>, gemessen an {0}</translation>
    </message>
    <message>
        <source>The rate is a reference and no guarantee for this scan{0}.</source>
        <translation>Die Rate ist ein Richtwert und keine Garantie für diese Aufnahme{0}.</translation>
    </message>
    <message>
        <source>{0}, begun {1:%d %b %Y %H:%M}</source>
        <translation>{0}, begonnen {1:%d.%m.%Y %H:%M}</translation>
    </message>
    <message>
        <source>{0} {1} · weights {2}…</source>
        <translation>{0} {1} · Gewichte {2}…</translation>
    </message>
    <message>
        <source>Licence: {0}</source>
        <translation>Lizenz: {0}</translation>
    </message>
    <message>
        <source>LAYERS</source>
        <translation>LAYER</translation>
    </message>
    <message>
        <source>PROVENANCE</source>
        <translation>HERKUNFT</translation>
    </message>
    <message>
        <source>From series {0} {1}</source>
        <translation>Aus Serie {0} {1}</translation>
    </message>
    <message>
        <source>Model card</source>
        <translation>Modellkarte</translation>
    </message>
    <message>
        <source>Read the card of {0}</source>
        <translation>Die Karte von {0} lesen</translation>
    </message>
    <message>
        <source>Name of the measurement</source>
        <translation>Name der Messung</translation>
    </message>
    <message>
        <source>Drawn on {0}</source>
        <translation>Gezeichnet auf {0}</translation>
    </message>
    <message>
        <source>Rename</source>
        <translation>Umbenennen</translation>
    </message>
    <message>
        <source>Rename {0} (F2)</source>
        <translation>{0} umbenennen (F2)</translation>
    </message>
    <message>
        <source>Delete {0} (can be undone)</source>
        <translation>{0} löschen (kann rückgängig gemacht werden)</translation>
    </message>
    <message>
        <source>MEASUREMENTS</source>
        <translation>MESSUNGEN</translation>
    </message>
    <message>
        <source>Copy all measurements of this study as text</source>
        <translation>Alle Messungen dieser Untersuchung als Text kopieren</translation>
    </message>
    <message>
        <source>Write them as a table and as a DICOM report</source>
        <translation>Als Tabelle und als DICOM-Bericht schreiben</translation>
    </message>
    <message>
        <source>Done in {0:.1f} s</source>
        <translation>Fertig in {0:.1f} s</translation>
    </message>
    <message>
        <source>Done in {0:.1f} s on the processor</source>
        <translation>Fertig in {0:.1f} s auf dem Prozessor</translation>
    </message>
    <message>
        <source>Done in {0:.1f} s on the graphics card</source>
        <translation>Fertig in {0:.1f} s auf der Grafikkarte</translation>
    </message>
    <message>
        <source>Done in {0:.1f} s on the Apple graphics</source>
        <translation>Fertig in {0:.1f} s auf der Apple-Grafik</translation>
    </message>
    <message>
        <source>{0} s left</source>
        <translation>noch {0} s</translation>
    </message>
    <message>
        <source>{0} min left</source>
        <translation>noch {0} min</translation>
    </message>
    <message>
        <source>Run</source>
        <translation>Ausführen</translation>
    </message>
    <message>
        <source>Run {0} on the selected series</source>
        <translation>{0} auf der gewählten Serie ausführen</translation>
    </message>
    <message>
        <source>Progress of {0}</source>
        <translation>Fortschritt von {0}</translation>
    </message>
    <message>
        <source>Run anyway…</source>
        <translation>Trotzdem ausführen…</translation>
    </message>
    <message>
        <source>Run {0} although the input check speaks against it</source>
        <translation>{0} ausführen, obwohl die Eingangsprüfung dagegen spricht</translation>
    </message>
    <message>
        <source>About this model</source>
        <translation>Über dieses Modell</translation>
    </message>
    <message>
        <source>Run again</source>
        <translation>Noch einmal</translation>
    </message>
    <message>
        <source>Licence: {0}. Not for commercial use.</source>
        <translation>Lizenz: {0}. Nicht für kommerzielle Nutzung.</translation>
    </message>
    <message>
        <source>Done</source>
        <translation>Fertig</translation>
    </message>
    <message>
        <source>Waiting until the series has been read</source>
        <translation>Wartet, bis die Serie gelesen ist</translation>
    </message>
    <message>
        <source>Starting</source>
        <translation>Beginnt</translation>
    </message>
    <message>
        <source>{0} of {1} slices</source>
        <translation>{0} von {1} Schichten</translation>
    </message>
    <message>
        <source>Cancelled · {0} of {1} slices kept</source>
        <translation>Abgebrochen · {0} von {1} Schichten behalten</translation>
    </message>
    <message>
        <source>Cancelled</source>
        <translation>Abgebrochen</translation>
    </message>
    <message>
        <source>What a classifier makes of the pixels; it can be wrong.</source>
        <translation>Was ein Klassifikator aus den Pixeln schließt; er kann sich irren.</translation>
    </message>
    <message>
        <source>MODELS FOR THIS SERIES</source>
        <translation>MODELLE FÜR DIESE SERIE</translation>
    </message>
    <message>
        <source>Choose a series to see which models fit it.</source>
        <translation>Wählen Sie eine Serie, um zu sehen, welche Modelle passen.</translation>
    </message>
    <message>
        <source>No models are installed.</source>
        <translation>Es sind keine Modelle installiert.</translation>
    </message>
    <message>
        <source>Hide the others</source>
        <translation>Die anderen verbergen</translation>
    </message>
    <message>
        <source>Why not the others ({0})?</source>
        <translation>Warum nicht die anderen ({0})?</translation>
    </message>
    <message>
        <source>The models that do not fit this series, and why not</source>
        <translation>Die Modelle, die nicht zu dieser Serie passen, und warum nicht</translation>
    </message>
    <message>
        <source>{0} of its slices could not be read; results there show nothing.</source>
        <translation>{0} ihrer Schichten waren nicht lesbar; Ergebnisse zeigen dort nichts.</translation>
    </message>
    <message>
        <source>{0} y</source>
        <translation>{0} J</translation>
    </message>
    <message>
        <source>{0} months</source>
        <translation>{0} Monate</translation>
    </message>
    <message>
        <source>{0} weeks</source>
        <translation>{0} Wochen</translation>
    </message>
    <message>
        <source>{0} days</source>
        <translation>{0} Tage</translation>
    </message>
    <message>
        <source>1 slice</source>
        <translation>1 Schicht</translation>
    </message>
    <message>
        <source>{0} time points</source>
        <translation>{0} Zeitpunkte</translation>
    </message>
    <message>
        <source> · {0} by hand</source>
        <translation> · {0} von Hand</translation>
    </message>
    <message>
        <source>1 structure</source>
        <translation>1 Struktur</translation>
    </message>
    <message>
        <source>{0} structures</source>
        <translation>{0} Strukturen</translation>
    </message>
    <message>
        <source>research · heat map</source>
        <translation>Forschung · Heatmap</translation>
    </message>
    <message>
        <source>research · how far off it may be</source>
        <translation>Forschung · wie weit es danebenliegen kann</translation>
    </message>
    <message>
        <source>Patient {0} hidden</source>
        <translation>Patient {0} verborgen</translation>
    </message>
    <message>
        <source>STUDY</source>
        <translation>UNTERSUCHUNG</translation>
    </message>
    <message>
        <source>Close this study and free its memory</source>
        <translation>Diese Untersuchung schließen und ihren Speicher freigeben</translation>
    </message>
    <message>
        <source>Click to show it in the image you are working in, or drag it onto any image.</source>
        <translation>Ein Klick zeigt die Serie in dem Bild, an dem Sie gerade arbeiten; ziehen Sie sie auf ein anderes Bild, um sie dort zu sehen.</translation>
    </message>
    <message>
        <source>{0} · on file</source>
        <translation>{0} · in Datei</translation>
    </message>
    <message>
        <source>Click to show it over the images it belongs to.</source>
        <translation>Ein Klick zeigt es über den Bildern, zu denen es gehört.</translation>
    </message>
    <message>
        <source>RESULTS</source>
        <translation>ERGEBNISSE</translation>
    </message>
    <message>
        <source>Click to show it beside the original, or drag it onto any image.</source>
        <translation>Ein Klick zeigt es neben dem Original; ziehen Sie es auf ein anderes Bild, um es dort zu sehen.</translation>
    </message>
    <message>
        <source>Click to draw it over its image, or drag it onto any image.</source>
        <translation>Ein Klick zeichnet es über sein Bild; ziehen Sie es auf ein anderes Bild, um es dort zu sehen.</translation>
    </message>
    <message>
        <source>NOT OPENED</source>
        <translation>NICHT GEÖFFNET</translation>
    </message>
    <message>
        <source>A file</source>
        <translation>Eine Datei</translation>
    </message>
    <message>
        <source>Show all {0}</source>
        <translation>Alle {0} zeigen</translation>
    </message>
    <message>
        <source>List every file that was not opened</source>
        <translation>Alle Dateien auflisten, die nicht geöffnet wurden</translation>
    </message>
    <message>
        <source>What was remembered of folders cannot be removed now; close other windows.</source>
        <translation>Was von Ordnern gemerkt wurde, lässt sich jetzt nicht entfernen; schließen Sie andere Fenster.</translation>
    </message>
    <message>
        <source> (series {0})</source>
        <translation> (Serie {0})</translation>
    </message>
    <message>
        <source>{0} cannot be used here. {1}</source>
        <translation>{0} ist hier nicht verwendbar. {1}</translation>
    </message>
    <message>
        <source>{0} takes one {1} as well and this study has several: {2}.</source>
        <translation>{0} braucht auch eine Serie {1}, und diese Untersuchung hat mehrere: {2}.</translation>
    </message>
    <message>
        <source>Open and read {0} first: {1} takes it as well.</source>
        <translation>Öffnen Sie zuerst {0} und warten Sie, bis sie gelesen ist: {1} braucht sie auch.</translation>
    </message>
    <message>
        <source>Paint</source>
        <translation>Malen</translation>
    </message>
    <message>
        <source>Erase</source>
        <translation>Radieren</translation>
    </message>
    <message>
        <source>Fill</source>
        <translation>Füllen</translation>
    </message>
    <message>
        <source>Open a series to draw on, and wait until all of it is there.</source>
        <translation>Öffnen Sie eine Serie, um darauf zu zeichnen, und warten Sie, bis sie ganz da ist.</translation>
    </message>
    <message>
        <source>{0} is hidden; show it to draw in it.</source>
        <translation>{0} ist ausgeblendet; blenden Sie es zum Zeichnen ein.</translation>
    </message>
    <message>
        <source>A segmentation is drawn on a series that is open, read to its end and not in colour.</source>
        <translation>Eine Segmentierung wird auf einer Serie gezeichnet, die offen, fertig gelesen und nicht farbig ist.</translation>
    </message>
    <message>
        <source>Colour of {0}</source>
        <translation>Farbe von {0}</translation>
    </message>
    <message>
        <source>Lock {0}</source>
        <translation>{0} sperren</translation>
    </message>
    <message>
        <source>Unlock {0}</source>
        <translation>{0} entsperren</translation>
    </message>
    <message>
        <source>Something went wrong between the slices; the log has the details.</source>
        <translation>Zwischen den Schichten ging etwas schief; Einzelheiten stehen im Protokoll.</translation>
    </message>
    <message>
        <source>Between the slices of {0} there is nothing left to fill.</source>
        <translation>Zwischen den Schichten von {0} ist nichts mehr zu füllen.</translation>
    </message>
    <message>
        <source>Interpolate {0}</source>
        <translation>{0} interpolieren</translation>
    </message>
    <message>
        <source>Open a series to draw on.</source>
        <translation>Öffnen Sie eine Serie, um darauf zu zeichnen.</translation>
    </message>
    <message>
        <source>{0} belongs to {1}: draw on that series.</source>
        <translation>{0} gehört zu {1}: Zeichnen Sie auf jener Serie.</translation>
    </message>
    <message>
        <source>Segmentations are drawn on the original, not on a synthetic image.</source>
        <translation>Segmentierungen werden auf dem Original gezeichnet, nicht auf einem synthetischen Bild.</translation>
    </message>
    <message>
        <source>The slices of this series are uneven or tilted: draw in MPR, on its regular grid.</source>
        <translation>Die Schichten dieser Serie sind ungleichmäßig oder gekippt: Zeichnen Sie in MPR, auf ihrem regelmäßigen Raster.</translation>
    </message>
    <message>
        <source>These planes are turned: straighten the lines of MPR to draw.</source>
        <translation>Diese Ebenen sind gedreht: Stellen Sie die MPR-Linien gerade, um zu zeichnen.</translation>
    </message>
    <message>
        <source>A slab shows more than one slice: go back to the plane alone to draw.</source>
        <translation>Eine Dickschicht zeigt mehr als eine Schicht: Kehren Sie zum Zeichnen zur Ebene zurück.</translation>
    </message>
    <message>
        <source>Orange</source>
        <translation>Orange</translation>
    </message>
    <message>
        <source>Sky</source>
        <translation>Himmelblau</translation>
    </message>
    <message>
        <source>Green</source>
        <translation>Grün</translation>
    </message>
    <message>
        <source>Yellow</source>
        <translation>Gelb</translation>
    </message>
    <message>
        <source>Blue</source>
        <translation>Blau</translation>
    </message>
    <message>
        <source>Vermilion</source>
        <translation>Zinnober</translation>
    </message>
    <message>
        <source>Rose</source>
        <translation>Rosa</translation>
    </message>
    <message>
        <source>Red</source>
        <translation>Rot</translation>
    </message>
    <message>
        <source>Lime</source>
        <translation>Limette</translation>
    </message>
    <message>
        <source>Cyan</source>
        <translation>Cyan</translation>
    </message>
    <message>
        <source>Sand</source>
        <translation>Sand</translation>
    </message>
    <message>
        <source>White</source>
        <translation>Weiß</translation>
    </message>
    <message>
        <source>Draw {0} of {1}</source>
        <translation>{0} von {1} zeichnen</translation>
    </message>
    <message>
        <source>Lock {0}: no tool changes it</source>
        <translation>{0} sperren: Kein Werkzeug ändert es</translation>
    </message>
    <message>
        <source>SEGMENTATION</source>
        <translation>SEGMENTIERUNG</translation>
    </message>
    <message>
        <source>Put the tools away</source>
        <translation>Die Werkzeuge weglegen</translation>
    </message>
    <message>
        <source>The segmentation that is drawn in</source>
        <translation>Die Segmentierung, in die gezeichnet wird</translation>
    </message>
    <message>
        <source>New</source>
        <translation>Neu</translation>
    </message>
    <message>
        <source>Diameter of the brush</source>
        <translation>Durchmesser des Pinsels</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>Größe</translation>
    </message>
    <message>
        <source>3D ball</source>
        <translation>3D-Kugel</translation>
    </message>
    <message>
        <source>Paint with a ball through the slices, not on this slice alone</source>
        <translation>Mit einer Kugel durch die Schichten malen, nicht nur auf dieser Schicht</translation>
    </message>
    <message>
        <source>Lowest value that is painted on</source>
        <translation>Kleinster Wert, auf den gemalt wird</translation>
    </message>
    <message>
        <source>Highest value that is painted on</source>
        <translation>Größter Wert, auf den gemalt wird</translation>
    </message>
    <message>
        <source>Take the values between black and white</source>
        <translation>Die Werte zwischen Schwarz und Weiß nehmen</translation>
    </message>
    <message>
        <source>Add a segment</source>
        <translation>Ein Segment hinzufügen</translation>
    </message>
    <message>
        <source>Add</source>
        <comment>a segment</comment>
        <translation>Neu</translation>
    </message>
    <message>
        <source>Give the chosen segment another name</source>
        <translation>Dem gewählten Segment einen anderen Namen geben</translation>
    </message>
    <message>
        <source>Rename</source>
        <comment>a segment</comment>
        <translation>Benennen</translation>
    </message>
    <message>
        <source>Remove the chosen segment and its voxels (can be undone)</source>
        <translation>Das gewählte Segment und seine Voxel entfernen (kann rückgängig gemacht werden)</translation>
    </message>
    <message>
        <source>Remove</source>
        <comment>a segment</comment>
        <translation>Löschen</translation>
    </message>
    <message>
        <source>Draw the chosen segment on some slices; this fills the slices between them</source>
        <translation>Zeichnen Sie das gewählte Segment auf einigen Schichten; dies füllt die Schichten dazwischen</translation>
    </message>
    <message>
        <source>Filling…</source>
        <translation>Füllt…</translation>
    </message>
    <message>
        <source>Take a tool and draw, or add an empty segmentation.</source>
        <translation>Nehmen Sie ein Werkzeug und zeichnen Sie, oder fügen Sie eine leere Segmentierung hinzu.</translation>
    </message>
    <message>
        <source>Name of the segment</source>
        <translation>Name des Segments</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>Einstellungen</translation>
    </message>
    <message>
        <source>Search settings and keys</source>
        <translation>Einstellungen und Tasten durchsuchen</translation>
    </message>
    <message>
        <source>No setting is about that.</source>
        <translation>Dazu gibt es keine Einstellung.</translation>
    </message>
    <message>
        <source>New key</source>
        <translation>Neue Taste</translation>
    </message>
    <message>
        <source>Press the new key here</source>
        <translation>Hier die neue Taste drücken</translation>
    </message>
    <message>
        <source>No key</source>
        <translation>Keine Taste</translation>
    </message>
    <message>
        <source>Take the key away from this action</source>
        <translation>Dieser Aktion die Taste wegnehmen</translation>
    </message>
    <message>
        <source>Default</source>
        <translation>Standard</translation>
    </message>
    <message>
        <source>Give this action its default key</source>
        <translation>Dieser Aktion ihre Standardtaste geben</translation>
    </message>
    <message>
        <source>All defaults</source>
        <translation>Alle Standards</translation>
    </message>
    <message>
        <source>Give every action its default key</source>
        <translation>Jeder Aktion ihre Standardtaste geben</translation>
    </message>
    <message>
        <source>Take it</source>
        <translation>Nehmen</translation>
    </message>
    <message>
        <source>Take the key from that action</source>
        <translation>Jener Aktion die Taste wegnehmen</translation>
    </message>
    <message>
        <source>Action</source>
        <translation>Aktion</translation>
    </message>
    <message>
        <source>Key</source>
        <translation>Taste</translation>
    </message>
    <message>
        <source>What it does</source>
        <translation>Was sie bewirkt</translation>
    </message>
    <message>
        <source>Actions and their keys</source>
        <translation>Aktionen und ihre Tasten</translation>
    </message>
    <message>
        <source>{0} stands for “{1}”.</source>
        <translation>{0} steht für „{1}“.</translation>
    </message>
    <message>
        <source>New key for “{0}”:</source>
        <translation>Neue Taste für „{0}“:</translation>
    </message>
    <message>
        <source>On</source>
        <translation>Ein</translation>
    </message>
    <message>
        <source>Choose a folder: {0}</source>
        <translation>Ordner wählen: {0}</translation>
    </message>
    <message>
        <source>Reset</source>
        <translation>Zurücksetzen</translation>
    </message>
    <message>
        <source>Reset to the default: {0}</source>
        <translation>Auf den Standard zurücksetzen: {0}</translation>
    </message>
    <message>
        <source>Largest, smallest or mean value of what lies around the plane</source>
        <translation>Größter, kleinster oder mittlerer Wert dessen, was um die Ebene liegt</translation>
    </message>
    <message>
        <source>Slab</source>
        <comment>the button</comment>
        <translation>MIP</translation>
    </message>
    <message>
        <source>Thickness of the slab</source>
        <translation>Dicke der Dickschicht</translation>
    </message>
    <message>
        <source>Millimetres:</source>
        <translation>Millimeter:</translation>
    </message>
    <message>
        <source>Something went wrong while reading this result; the log has the details.</source>
        <translation>Beim Lesen dieses Ergebnisses ging etwas schief; Einzelheiten stehen im Protokoll.</translation>
    </message>
    <message>
        <source>Time point</source>
        <translation>Zeitpunkt</translation>
    </message>
    <message>
        <source>Time {0} of {1}</source>
        <translation>Zeit {0} von {1}</translation>
    </message>
    <message>
        <source>Jan</source>
        <translation>Jan.</translation>
    </message>
    <message>
        <source>Feb</source>
        <translation>Feb.</translation>
    </message>
    <message>
        <source>Mar</source>
        <translation>März</translation>
    </message>
    <message>
        <source>Apr</source>
        <translation>Apr.</translation>
    </message>
    <message>
        <source>May</source>
        <translation>Mai</translation>
    </message>
    <message>
        <source>Jun</source>
        <translation>Juni</translation>
    </message>
    <message>
        <source>Jul</source>
        <translation>Juli</translation>
    </message>
    <message>
        <source>Aug</source>
        <translation>Aug.</translation>
    </message>
    <message>
        <source>Sep</source>
        <translation>Sept.</translation>
    </message>
    <message>
        <source>Oct</source>
        <translation>Okt.</translation>
    </message>
    <message>
        <source>Nov</source>
        <translation>Nov.</translation>
    </message>
    <message>
        <source>Dec</source>
        <translation>Dez.</translation>
    </message>
    <message>
        <source>sober</source>
        <translation>nüchtern</translation>
    </message>
    <message>
        <source>sharp</source>
        <translation>scharf</translation>
    </message>
    <message>
        <source>Sober: what the same network makes without an adversary.</source>
        <translation>Nüchtern: was dasselbe Netz ohne Gegenspieler macht.</translation>
    </message>
    <message>
        <source>Sharp: with all the texture that its adversary taught it.</source>
        <translation>Scharf: mit aller Textur, die sein Gegenspieler es gelehrt hat.</translation>
    </message>
    <message>
        <source>Between: {:g} of its adversary&apos;s weight.</source>
        <translation>Dazwischen: {:g} vom Gewicht seines Gegenspielers.</translation>
    </message>
    <message>
        <source>How much the adversary has its say: what differs between the ends is what it added</source>
        <translation>Wie viel der Gegenspieler zu sagen hat: Was sich zwischen den Enden unterscheidet, hat er hinzugefügt</translation>
    </message>
    <message>
        <source>Show how far off it may be</source>
        <translation>Zeigen, wie weit es danebenliegen kann</translation>
    </message>
    <message>
        <source>original</source>
        <translation>Original</translation>
    </message>
    <message>
        <source>restored</source>
        <translation>wiederhergestellt</translation>
    </message>
    <message>
        <source>Nothing is changed: the picture as it was acquired.</source>
        <translation>Nichts wird verändert: das Bild, wie es aufgenommen wurde.</translation>
    </message>
    <message>
        <source>Restored: all of the correction that the network makes.</source>
        <translation>Wiederhergestellt: die ganze Korrektur, die das Netz macht.</translation>
    </message>
    <message>
        <source>{:g} of the correction that the network makes.</source>
        <translation>{:g} der Korrektur, die das Netz macht.</translation>
    </message>
    <message>
        <source>How much of its correction the network may make</source>
        <translation>Wie viel seiner Korrektur das Netz machen darf</translation>
    </message>
    <message>
        <source>Show what was changed</source>
        <translation>Zeigen, was verändert wurde</translation>
    </message>
    <message>
        <source>synthetic</source>
        <translation>synthetisch</translation>
    </message>
    <message>
        <source>segmentation</source>
        <translation>Segmentierung</translation>
    </message>
    <message>
        <source>heat map</source>
        <translation>Heatmap</translation>
    </message>
    <message>
        <source>key image</source>
        <translation>Schlüsselbild</translation>
    </message>
    <message>
        <source> sigmoid</source>
        <translation> sigmoid</translation>
    </message>
    <message>
        <source> VOI LUT</source>
        <translation> VOI LUT</translation>
    </message>
    <message>
        <source>colour</source>
        <translation>Farbe</translation>
    </message>
    <message>
        <source>{0} resampled</source>
        <translation>{0} umgerechnet</translation>
    </message>
    <message>
        <source>loading {0} / {1} · {2}</source>
        <translation>lädt {0} / {1} · {2}</translation>
    </message>
    <message>
        <source>{0:.3g} mm thick · {1}</source>
        <translation>{0:.3g} mm dick · {1}</translation>
    </message>
    <message>
        <source>coarse while it moves</source>
        <translation>grob, solange es sich bewegt</translation>
    </message>
    <message>
        <source>oblique plane · interpolated</source>
        <translation>schräge Ebene · interpoliert</translation>
    </message>
    <message>
        <source>{0} {1:g} mm · 1 plane</source>
        <translation>{0} {1:g} mm · 1 Ebene</translation>
    </message>
    <message>
        <source>{0} {1:g} mm · {2} planes</source>
        <translation>{0} {1:g} mm · {2} Ebenen</translation>
    </message>
    <message>
        <source>oblique · {0}</source>
        <translation>schräg · {0}</translation>
    </message>
    <message>
        <source>{0} compression</source>
        <translation>{0}-Kompression</translation>
    </message>
    <message>
        <source>time {0} / {1}</source>
        <translation>Zeit {0} / {1}</translation>
    </message>
    <message>
        <source>original · {0}</source>
        <translation>Original · {0}</translation>
    </message>
    <message>
        <source>resampled grid</source>
        <translation>umgerechnetes Raster</translation>
    </message>
    <message>
        <source>acquired slices · {0}</source>
        <translation>aufgenommene Schichten · {0}</translation>
    </message>
    <message>
        <source>MPR and models use a regular {0:.3g} mm grid</source>
        <translation>MPR und Modelle nutzen ein regelmäßiges Raster von {0:.3g} mm</translation>
    </message>
    <message>
        <source>uneven spacing</source>
        <translation>ungleichmäßiger Abstand</translation>
    </message>
    <message>
        <source>tilt {0:.1f}°</source>
        <translation>Kippung {0:.1f}°</translation>
    </message>
    <message>
        <source>{0} {1} {2}</source>
        <extracomment>A date: day, month in letters, year.</extracomment>
        <translation>{0}. {1} {2}</translation>
    </message>
    <message>
        <source>loading {0}</source>
        <translation>{0} lädt</translation>
    </message>
    <message>
        <source>slices of {0} could not be decoded</source>
        <translation>Schichten von {0} konnten nicht dekodiert werden</translation>
    </message>
    <message>
        <source>The difference of MR is scaled by the whole images: wait until they are finished.</source>
        <translation>Die MR-Differenz wird über die ganzen Bilder skaliert: Warten Sie, bis sie fertig sind.</translation>
    </message>
    <message>
        <source>{0} and {1} have too little in common to bring them to one scale.</source>
        <translation>{0} und {1} haben zu wenig gemeinsam, um sie auf eine Skala zu bringen.</translation>
    </message>
    <message>
        <source>Part the panes</source>
        <translation>Ansichten trennen</translation>
    </message>
    <message>
        <source>head</source>
        <translation>Kopf</translation>
    </message>
    <message>
        <source>chest or belly</source>
        <translation>Brust oder Bauch</translation>
    </message>
    <message>
        <source>something unknown</source>
        <translation>etwas Unbekanntes</translation>
    </message>
    <message>
        <source>axial</source>
        <translation>axial</translation>
    </message>
    <message>
        <source>coronal</source>
        <translation>koronar</translation>
    </message>
    <message>
        <source>no plane of a body</source>
        <translation>keine Körperebene</translation>
    </message>
    <message>
        <source>body part</source>
        <translation>Körperteil</translation>
    </message>
    <message>
        <source>plane</source>
        <translation>Ebene</translation>
    </message>
    <message>
        <source>modality</source>
        <translation>Modalität</translation>
    </message>
    <message>
        <source>contrast</source>
        <translation>Kontrast</translation>
    </message>
    <message>
        <source>Looks like: unsure</source>
        <translation>Sieht aus wie: unsicher</translation>
    </message>
    <message>
        <source>Looks like: {0} ({1})</source>
        <translation>Sieht aus wie: {0} ({1})</translation>
    </message>
    <message>
        <source>{0}; {1} unsure</source>
        <translation>{0}; unsicher: {1}</translation>
    </message>
    <message>
        <source>Its tags say {0}.</source>
        <translation>Laut Kopfdaten: {0}.</translation>
    </message>
    <message>
        <source>sagittal</source>
        <translation>sagittal</translation>
    </message>
    <message>
        <source>shown from {0}</source>
        <translation>gezeigt ab {0}</translation>
    </message>
    <message>
        <source>score 1</source>
        <translation>Wert 1</translation>
    </message>
    <message>
        <source>≥ {0} wide</source>
        <translation>≥ {0} weit</translation>
    </message>
    <message>
        <source>linked by hand, not registered</source>
        <translation>von Hand gekoppelt, nicht registriert</translation>
    </message>
    <message>
        <source>Drop a study here, or choose a series</source>
        <translation>Untersuchung hierher ziehen oder eine Serie wählen</translation>
    </message>
    <message>
        <source>{0:.0f} mm from the active pane&apos;s slice</source>
        <translation>{0:.0f} mm von der Schicht der aktiven Ansicht</translation>
    </message>
    <message>
        <source>Pane {0}: {1}</source>
        <translation>Ansicht {0}: {1}</translation>
    </message>
    <message>
        <source>empty</source>
        <translation>leer</translation>
    </message>
    <message>
        <source>synthetic {0}</source>
        <translation>synthetisch: {0}</translation>
    </message>
    <message>
        <source>turned </source>
        <translation>gedreht </translation>
    </message>
    <message>
        <source> {0} of {1:g} mm</source>
        <translation> {0} von {1:g} mm</translation>
    </message>
    <message>
        <source>{0}{1}, slice {2} of {3}</source>
        <translation>{0}{1}, Schicht {2} von {3}</translation>
    </message>
    <message>
        <source>may be off: {0} wide</source>
        <translation>kann danebenliegen: {0} weit</translation>
    </message>
    <message>
        <source>score {0}</source>
        <translation>Wert {0}</translation>
    </message>
    <message>
        <source>not computed yet</source>
        <translation>noch nicht berechnet</translation>
    </message>
    <message>
        <source>none of it lies here</source>
        <translation>nichts davon liegt hier</translation>
    </message>
    <message>
        <source>loading {0} / {1}</source>
        <translation>lädt {0} / {1}</translation>
    </message>
    <message>
        <source>this slice could not be decoded</source>
        <translation>diese Schicht konnte nicht dekodiert werden</translation>
    </message>
    <message>
        <source>of the slab&apos;s middle plane alone</source>
        <translation>nur der mittleren Ebene der Dickschicht</translation>
    </message>
    <message>
        <source>Move {0}</source>
        <translation>{0} verschieben</translation>
    </message>
    <message>
        <source>Draw {0}</source>
        <translation>{0} zeichnen</translation>
    </message>
    <message>
        <source>Change {0}</source>
        <translation>{0} ändern</translation>
    </message>
    <message>
        <source>Type, then Enter</source>
        <translation>Tippen, dann Enter</translation>
    </message>
    <message>
        <source>Text of the annotation</source>
        <translation>Text der Anmerkung</translation>
    </message>
    <message>
        <source>Different patients in view · not linked</source>
        <translation>Verschiedene Patienten zu sehen · nicht gekoppelt</translation>
    </message>
    <message>
        <source>Different patients · not linked</source>
        <translation>Verschiedene Patienten · nicht gekoppelt</translation>
    </message>
    <message>
        <source>Different patients</source>
        <translation>Verschiedene Patienten</translation>
    </message>
    <message>
        <source>Surfaces in three dimensions</source>
        <translation>Oberflächen in drei Dimensionen</translation>
    </message>
    <message>
        <source>OpenGL stopped working. Close this window and open it again.</source>
        <translation>OpenGL funktioniert nicht mehr. Schließen Sie dieses Fenster und öffnen Sie es erneut.</translation>
    </message>
    <message>
        <source>{0} is there: press {1} to draw it over the original.</source>
        <translation>{0} ist da: {1} zeichnet das Ergebnis über das Original.</translation>
    </message>
    <message>
        <source>{0} is there: tick it under Layers to draw it over the original.</source>
        <translation>{0} ist da: unter „Layer“ ankreuzen, um das Ergebnis über das Original zu zeichnen.</translation>
    </message>
    <message>
        <source>There is no result to lie over the images shown; run a model first.</source>
        <translation>Es gibt kein Ergebnis, das über den gezeigten Bildern liegen könnte; führen Sie zuerst ein Modell aus.</translation>
    </message>
    <message>
        <source>The other pane lies in a space of its own: link it by registration first{0}, then compare.</source>
        <translation>Die andere Ansicht liegt in einem eigenen Raum: Koppeln Sie sie zuerst durch Registrierung{0} und vergleichen Sie dann.</translation>
    </message>
    <message>
        <source>Images that are not surely of one patient cannot be compared in one pane.</source>
        <translation>Bilder, die nicht sicher vom selben Patienten stammen, lassen sich nicht in einer Ansicht vergleichen.</translation>
    </message>
    <message>
        <source>There is no synthetic image of this series to compare it with; run a model first, or choose another image: Compare with…{0}.</source>
        <translation>Es gibt kein synthetisches Bild dieser Serie zum Vergleichen; führen Sie erst ein Modell aus, oder wählen Sie ein anderes Bild: Vergleichen mit…{0}.</translation>
    </message>
    <message>
        <source>Rate of flickering</source>
        <translation>Flackerrate</translation>
    </message>
    <message>
        <source>Changes a second:</source>
        <translation>Wechsel pro Sekunde:</translation>
    </message>
    <message>
        <source>The active pane shows no difference.</source>
        <translation>Die aktive Ansicht zeigt keine Differenz.</translation>
    </message>
    <message>
        <source>Range of the difference</source>
        <translation>Bereich der Differenz</translation>
    </message>
    <message>
        <source>Strongest colour at ±, in {0}:</source>
        <translation>Kräftigste Farbe bei ±, in {0}:</translation>
    </message>
    <message>
        <source>Colours of the difference</source>
        <translation>Farben der Differenz</translation>
    </message>
    <message>
        <source>From less over none to more:</source>
        <translation>Von weniger über gleich bis mehr:</translation>
    </message>
    <message>
        <source>Nothing else is open in the space of the active pane; a series of another space can be compared once it is linked by registration{0}.</source>
        <translation>Im Raum der aktiven Ansicht ist sonst nichts geöffnet; eine Serie eines anderen Raums kann verglichen werden, sobald sie durch Registrierung gekoppelt ist{0}.</translation>
    </message>
    <message>
        <source>Original and its synthetic image</source>
        <translation>Original und sein synthetisches Bild</translation>
    </message>
    <message>
        <source>The active pane shows no synthetic image that is finished.</source>
        <translation>Die aktive Ansicht zeigt kein fertiges synthetisches Bild.</translation>
    </message>
    <message>
        <source>kept</source>
        <translation>behalten</translation>
    </message>
    <message>
        <source>Kept as “{0}”.</source>
        <translation>Als „{0}“ behalten.</translation>
    </message>
    <message>
        <source>No other pane shows a series of this patient in a space of its own.</source>
        <translation>Keine andere Ansicht zeigt eine Serie dieses Patienten in einem eigenen Raum.</translation>
    </message>
    <message>
        <source>No other study of this patient with such a series is open.</source>
        <translation>Keine andere Untersuchung dieses Patienten mit einer solchen Serie ist offen.</translation>
    </message>
    <message>
        <source>Lines are turned in one of the three planes of MPR.</source>
        <translation>Linien werden in einer der drei MPR-Ebenen gedreht.</translation>
    </message>
    <message>
        <source>The list of recent studies cannot be removed now.</source>
        <translation>Die Liste der letzten Untersuchungen lässt sich jetzt nicht entfernen.</translation>
    </message>
    <message>
        <source>The folder of this study is not there any more: it was moved or removed, or its drive is not connected.</source>
        <translation>Der Ordner dieser Untersuchung ist nicht mehr da: Er wurde verschoben oder entfernt, oder sein Laufwerk ist nicht verbunden.</translation>
    </message>
    <message>
        <source>Study</source>
        <translation>Untersuchung</translation>
    </message>
    <message>
        <source>not there any more</source>
        <translation>nicht mehr da</translation>
    </message>
    <message>
        <source>{0} · not there any more</source>
        <translation>{0} · nicht mehr da</translation>
    </message>
    <message>
        <source>RECENT STUDIES</source>
        <translation>LETZTE UNTERSUCHUNGEN</translation>
    </message>
    <message>
        <source>Open</source>
        <comment>the button</comment>
        <translation>Öffnen</translation>
    </message>
    <message>
        <source>Open {0}</source>
        <comment>the button</comment>
        <translation>{0} öffnen</translation>
    </message>
    <message>
        <source>Take it off this list; its files stay</source>
        <translation>Von dieser Liste nehmen; ihre Dateien bleiben</translation>
    </message>
    <message>
        <source>Take {0} off this list</source>
        <translation>{0} von dieser Liste nehmen</translation>
    </message>
    <message>
        <source>None is remembered</source>
        <translation>Keine gemerkt</translation>
    </message>
    <message>
        <source>Clear this list</source>
        <translation>Diese Liste leeren</translation>
    </message>
    <message>
        <source>A registration is under way; wait for it or cancel it.</source>
        <translation>Eine Registrierung läuft; warten Sie darauf oder brechen Sie sie ab.</translation>
    </message>
    <message>
        <source>Wait until the series are read; then register them.</source>
        <translation>Warten Sie, bis die Serien gelesen sind; dann registrieren Sie sie.</translation>
    </message>
    <message>
        <source>{0} is in colour; only images of values can be registered.</source>
        <translation>{0} ist farbig; nur Bilder mit Messwerten lassen sich registrieren.</translation>
    </message>
    <message>
        <source>The registration was cancelled; nothing was linked.</source>
        <translation>Die Registrierung wurde abgebrochen; nichts wurde gekoppelt.</translation>
    </message>
    <message>
        <source>Not linked: {0}. Link them by hand, at a place that both show.</source>
        <translation>Nicht gekoppelt: {0}. Koppeln Sie von Hand, an einem Ort, den beide zeigen.</translation>
    </message>
    <message>
        <source>registered ({0})</source>
        <translation>registriert ({0})</translation>
    </message>
    <message>
        <source>Linked by registration. Registered each way, the answers agree within {0:.1f} mm; {1:.0f} % of the body is in both; shared information {2:.2f} before, {3:.2f} now. Point at a few landmarks before you rely on it.</source>
        <translation>Durch Registrierung gekoppelt. In beide Richtungen registriert, stimmen die Ergebnisse auf {0:.1f} mm überein; {1:.0f} % des Körpers sind in beiden; gemeinsame Information {2:.2f} vorher, {3:.2f} jetzt. Zeigen Sie auf einige Landmarken, bevor Sie sich darauf verlassen.</translation>
    </message>
    <message>
        <source>A series was closed; nothing was registered.</source>
        <translation>Eine Serie wurde geschlossen; nichts wurde registriert.</translation>
    </message>
    <message>
        <source>{0} cannot be registered: {1}.</source>
        <translation>{0} lässt sich nicht registrieren: {1}.</translation>
    </message>
    <message>
        <source>Progress of the registration</source>
        <translation>Fortschritt der Registrierung</translation>
    </message>
    <message>
        <source>End the registration; nothing is linked</source>
        <translation>Die Registrierung beenden; nichts wird gekoppelt</translation>
    </message>
    <message>
        <source> · about {0:.0f} s left</source>
        <translation> · noch etwa {0:.0f} s</translation>
    </message>
    <message>
        <source>Registering {0}</source>
        <translation>{0} wird registriert</translation>
    </message>
    <message>
        <source>Front</source>
        <translation>Vorn</translation>
    </message>
    <message>
        <source>Back</source>
        <translation>Hinten</translation>
    </message>
    <message>
        <source>Right</source>
        <translation>Rechts</translation>
    </message>
    <message>
        <source>Left</source>
        <translation>Links</translation>
    </message>
    <message>
        <source>Head</source>
        <translation>Kopf</translation>
    </message>
    <message>
        <source>Feet</source>
        <translation>Füße</translation>
    </message>
    <message>
        <source>Surfaces · MedGAN Viewer</source>
        <translation>Oberflächen · MedGAN Viewer</translation>
    </message>
    <message>
        <source>Segmentation whose surfaces are shown</source>
        <translation>Segmentierung, deren Oberflächen gezeigt werden</translation>
    </message>
    <message>
        <source>SEEN FROM</source>
        <translation>GESEHEN VON</translation>
    </message>
    <message>
        <source>Left drag turns, middle drag moves, right drag or the wheel zooms.</source>
        <translation>Ziehen links dreht, Ziehen Mitte verschiebt, Ziehen rechts oder das Rad zoomt.</translation>
    </message>
    <message>
        <source>SEGMENTS</source>
        <translation>SEGMENTE</translation>
    </message>
    <message>
        <source>Look from this side: {0}</source>
        <translation>Von dieser Seite betrachten: {0}</translation>
    </message>
    <message>
        <source>Fit</source>
        <translation>Einpassen</translation>
    </message>
    <message>
        <source>Show all of it; a double click does too</source>
        <translation>Alles zeigen; ein Doppelklick tut es auch</translation>
    </message>
    <message>
        <source>Progress of the surfaces</source>
        <translation>Fortschritt der Oberflächen</translation>
    </message>
    <message>
        <source>Make no more surfaces; those that are there stay</source>
        <translation>Keine weiteren Oberflächen erzeugen; die vorhandenen bleiben</translation>
    </message>
    <message>
        <source>Make the surfaces that are missing</source>
        <translation>Die fehlenden Oberflächen erzeugen</translation>
    </message>
    <message>
        <source>No segmentation is open. Run a model that makes one, or draw one.</source>
        <translation>Keine Segmentierung ist offen. Führen Sie ein Modell aus, das eine macht, oder zeichnen Sie eine.</translation>
    </message>
    <message>
        <source>Surfaces come when all slices of the segmentation are there.</source>
        <translation>Oberflächen kommen, wenn alle Schichten der Segmentierung da sind.</translation>
    </message>
    <message>
        <source>Trying whether this computer can draw surfaces…</source>
        <translation>Es wird geprüft, ob dieser Computer Oberflächen zeichnen kann…</translation>
    </message>
    <message>
        <source>No segment is shown that may be drawn here.</source>
        <translation>Kein Segment ist eingeblendet, das hier gezeichnet werden darf.</translation>
    </message>
    <message>
        <source>Surfaces are being made…</source>
        <translation>Oberflächen werden erzeugt…</translation>
    </message>
    <message>
        <source>The segments that are shown are empty.</source>
        <translation>Die eingeblendeten Segmente sind leer.</translation>
    </message>
    <message>
        <source>Not drawn, because a face could be recognised: {0}.</source>
        <translation>Nicht gezeichnet, weil ein Gesicht erkennbar sein könnte: {0}.</translation>
    </message>
    <message>
        <source>Cancelled; not all surfaces are there.</source>
        <translation>Abgebrochen; nicht alle Oberflächen sind da.</translation>
    </message>
    <message>
        <source>A surface could not be made; the log has the details.</source>
        <translation>Eine Oberfläche konnte nicht erzeugt werden; Einzelheiten stehen im Protokoll.</translation>
    </message>
    <message>
        <source>Surface {0} of {1} · {2}</source>
        <translation>Oberfläche {0} von {1} · {2}</translation>
    </message>
    <message>
        <source>Surfaces are smoothed and leave out what is finer than {0:.1f} mm. Measure on the slices.</source>
        <translation>Oberflächen sind geglättet und lassen weg, was feiner als {0:.1f} mm ist. Messen Sie auf den Schichten.</translation>
    </message>
    <message>
        <source>Surfaces need OpenGL, and it does not work on this computer. All else works without; a newer graphics driver may help.</source>
        <translation>Oberflächen brauchen OpenGL, und das geht auf diesem Computer nicht. Alles andere geht ohne; ein neuerer Grafiktreiber kann helfen.</translation>
    </message>
    <message>
        <source>Pane {0} · MedGAN Viewer · research use only</source>
        <translation>Ansicht {0} · MedGAN Viewer · nur für die Forschung</translation>
    </message>
    <message>
        <source>Window of pane {0}</source>
        <translation>Fenster der Ansicht {0}</translation>
    </message>
    <message>
        <source>Back into the main window</source>
        <translation>Zurück ins Hauptfenster</translation>
    </message>
    <message>
        <source>Close this window; the pane goes back to its place</source>
        <translation>Dieses Fenster schließen; die Ansicht kehrt an ihren Platz zurück</translation>
    </message>
    <message>
        <source>This pane is in a window of its own</source>
        <translation>Diese Ansicht ist in einem eigenen Fenster</translation>
    </message>
    <message>
        <source>One result was not brought back: the images are not those any more, or the file is damaged.</source>
        <translation>Ein Ergebnis wurde nicht zurückgeholt: Die Bilder sind nicht mehr dieselben, oder die Datei ist beschädigt.</translation>
    </message>
    <message>
        <source>{0} results were not brought back: the images are not those any more, or the file is damaged.</source>
        <translation>{0} Ergebnisse wurden nicht zurückgeholt: Die Bilder sind nicht mehr dieselben, oder die Datei ist beschädigt.</translation>
    </message>
    <message>
        <source>the log has the details.</source>
        <translation>Einzelheiten stehen im Protokoll.</translation>
    </message>
    <message>
        <source>What is open cannot be kept for the next start: {0}</source>
        <translation>Was offen ist, kann nicht für den nächsten Start aufgehoben werden: {0}</translation>
    </message>
    <message>
        <source>How a study was left cannot be kept: {0}</source>
        <translation>Wie eine Untersuchung verlassen wurde, kann nicht aufgehoben werden: {0}</translation>
    </message>
    <message>
        <source>What was kept of the last session cannot be removed now.</source>
        <translation>Was von der letzten Sitzung aufgehoben wurde, lässt sich jetzt nicht entfernen.</translation>
    </message>
    <message>
        <source>1 study</source>
        <translation>1 Untersuchung</translation>
    </message>
    <message>
        <source>{0} studies</source>
        <translation>{0} Untersuchungen</translation>
    </message>
    <message>
        <source>1 result</source>
        <translation>1 Ergebnis</translation>
    </message>
    <message>
        <source>{0} results</source>
        <translation>{0} Ergebnisse</translation>
    </message>
    <message>
        <source>{0}, as of {1:%d %b %Y, %H:%M}</source>
        <translation>{0}, Stand {1:%d.%m.%Y, %H:%M}</translation>
    </message>
    <message>
        <source>{0}. The program did not end well then.</source>
        <translation>{0}. Das Programm endete damals nicht ordentlich.</translation>
    </message>
    <message>
        <source>Inferno</source>
        <translation>Inferno</translation>
    </message>
    <message>
        <source>Magma</source>
        <translation>Magma</translation>
    </message>
    <message>
        <source>Viridis</source>
        <translation>Viridis</translation>
    </message>
    <message>
        <source>Cividis</source>
        <translation>Cividis</translation>
    </message>
    <message>
        <source>Teal to yellow</source>
        <translation>Blaugrün bis Gelb</translation>
    </message>
    <message>
        <source>Grey</source>
        <translation>Grau</translation>
    </message>
    <message>
        <source>Blue and orange, dark at zero</source>
        <translation>Blau und Orange, dunkel bei null</translation>
    </message>
    <message>
        <source>Blue and orange, light at zero</source>
        <translation>Blau und Orange, hell bei null</translation>
    </message>
    <message>
        <source>List less certain ones</source>
        <translation>Weniger sichere auflisten</translation>
    </message>
    <message>
        <source>Lower the threshold until more is listed; its slider is on the right, under Layers</source>
        <translation>Senkt die Schwelle, bis mehr aufgeführt wird; ihr Regler ist rechts unter Layer</translation>
    </message>
    <message>
        <source>Lower threshold</source>
        <translation>Schwelle senken</translation>
    </message>
    <message>
        <source>Accept finding {0}</source>
        <translation>Befund {0} annehmen</translation>
    </message>
    <message>
        <source>Reject finding {0}</source>
        <translation>Befund {0} verwerfen</translation>
    </message>
    <message>
        <source>Reopen finding {0}</source>
        <translation>Befund {0} wieder öffnen</translation>
    </message>
    <message>
        <source>slice {0}</source>
        <translation>Schicht {0}</translation>
    </message>
    <message>
        <source>{0} plane</source>
        <translation>Ebene: {0}</translation>
    </message>
    <message>
        <source>Failed</source>
        <translation>Fehlgeschlagen</translation>
    </message>
    <message>
        <source>Cancel {0}</source>
        <translation>{0} abbrechen</translation>
    </message>
    <message>
        <source>Show</source>
        <translation>Zeigen</translation>
    </message>
    <message>
        <source>{0} %</source>
        <translation>{0} %</translation>
    </message>
    <message>
        <source>Low-dose CT</source>
        <translation>Niedrigdosis-CT</translation>
    </message>
    <message>
        <source>Anatomy of the head (CT, MR)</source>
        <translation>Anatomie des Kopfes (CT, MR)</translation>
    </message>
    <message>
        <source>Anomaly heat map (FLAIR, from glioma patients)</source>
        <translation>Anomalie-Heatmap (FLAIR, von Gliompatienten)</translation>
    </message>
    <message>
        <source>Anomaly heat map (T1, FLAIR)</source>
        <translation>Anomalie-Heatmap (T1, FLAIR)</translation>
    </message>
    <message>
        <source>CT → MR (T1, T2, FLAIR)</source>
        <translation>CT → MR (T1, T2, FLAIR)</translation>
    </message>
    <message>
        <source>MR → CT</source>
        <translation>MR → CT</translation>
    </message>
    <message>
        <source>Low-grade glioma (FLAIR)</source>
        <translation>Niedriggradiges Gliom (FLAIR)</translation>
    </message>
    <message>
        <source>MR contrast (T1 → T2, FLAIR)</source>
        <translation>MR-Kontrast (T1 → T2, FLAIR)</translation>
    </message>
    <message>
        <source>MR contrast from glioma patients (T1 → FLAIR)</source>
        <translation>MR-Kontrast von Gliompatienten (T1 → FLAIR)</translation>
    </message>
    <message>
        <source>MR contrast (T1 + T2 → FLAIR)</source>
        <translation>MR-Kontrast (T1 + T2 → FLAIR)</translation>
    </message>
    <message>
        <source>MR with less noise and thinner slices</source>
        <translation>MR mit weniger Rauschen und dünneren Schichten</translation>
    </message>
    <message>
        <source>Higher-field-like MR (simulated 7 T)</source>
        <translation>MR wie bei höherer Feldstärke (simulierte 7 T)</translation>
    </message>
    <message>
        <source>Takes noise out of a CT with few photons, as much of it as the reader wants, on the grid on which it was acquired.</source>
        <translation>Nimmt Rauschen aus einem CT mit wenigen Photonen, so viel, wie der Befunder will, auf dem Raster der Aufnahme.</translation>
    </message>
    <message>
        <source>Divides the head in CT or MR into thirteen tissues and structures.</source>
        <translation>Teilt den Kopf in CT oder MR in dreizehn Gewebe und Strukturen.</translation>
    </message>
    <message>
        <source>Heat map of what does not look like healthy anatomy in axial FLAIR head MR: a per-pixel discriminator that compares each slice with what a generator of healthy anatomy makes of it.</source>
        <translation>Heatmap dessen, was in axialen FLAIR-Aufnahmen des Kopfes nicht wie gesunde Anatomie aussieht: Ein Diskriminator vergleicht Pixel für Pixel jede Schicht mit dem, was ein Generator gesunder Anatomie daraus macht.</translation>
    </message>
    <message>
        <source>Heat map of what does not look like healthy anatomy in axial T1 and FLAIR head MR: a per-pixel discriminator that compares each slice with what a generator of healthy anatomy makes of it.</source>
        <translation>Heatmap dessen, was in axialen T1- und FLAIR-Aufnahmen des Kopfes nicht wie gesunde Anatomie aussieht: Ein Diskriminator vergleicht Pixel für Pixel jede Schicht mit dem, was ein Generator gesunder Anatomie daraus macht.</translation>
    </message>
    <message>
        <source>Shows a head CT as a T1-weighted, a T2-weighted and a FLAIR MR of one fixed protocol might look.</source>
        <translation>Zeigt ein Kopf-CT so, wie T1-gewichtete, T2-gewichtete und FLAIR-MR-Aufnahmen eines festen Protokolls aussehen könnten.</translation>
    </message>
    <message>
        <source>Estimates CT numbers of the head from one T1-, T2- or FLAIR-weighted MR series.</source>
        <translation>Schätzt CT-Werte des Kopfes aus einer T1-, T2- oder FLAIR-gewichteten MR-Serie.</translation>
    </message>
    <message>
        <source>Outlines low-grade glioma in axial FLAIR of the head, with the T1 beside it where there is one.</source>
        <translation>Umreißt niedriggradige Gliome in axialen FLAIR-Aufnahmen des Kopfes, mit der T1 daneben, wo es eine gibt.</translation>
    </message>
    <message>
        <source>Estimates a T2- and a FLAIR-weighted MR of the head from one T1-weighted MR series.</source>
        <translation>Schätzt T2- und FLAIR-gewichtete MR-Aufnahmen des Kopfes aus einer T1-gewichteten MR-Serie.</translation>
    </message>
    <message>
        <source>Estimates a FLAIR of the head from one T1-weighted MR series, as learned from real patients with low-grade glioma.</source>
        <translation>Schätzt aus einer T1-gewichteten MR-Serie eine FLAIR des Kopfes, gelernt an echten Patienten mit niedriggradigem Gliom.</translation>
    </message>
    <message>
        <source>Estimates a FLAIR of the head from a T1- and a T2-weighted MR series together.</source>
        <translation>Schätzt eine FLAIR des Kopfes aus einer T1- und einer T2-gewichteten MR-Serie zusammen.</translation>
    </message>
    <message>
        <source>Takes noise out of a T1, T2 or FLAIR of the head and shows its thick slices on a grid of about 2 mm.</source>
        <translation>Nimmt aus einer T1, T2 oder FLAIR des Kopfes Rauschen heraus und zeigt ihre dicken Schichten auf einem Gitter von etwa 2 mm.</translation>
    </message>
    <message>
        <source>Estimates what a T1, T2 or FLAIR of the head from a scanner of low field would look like at 7 T, as a simulation has it: contrast and less noise, no finer detail.</source>
        <translation>Schätzt, wie T1, T2 oder FLAIR des Kopfes von einem Gerät niedriger Feldstärke nach einer Simulation bei 7 T aussähe: Kontrast und weniger Rauschen, keine feineren Einzelheiten.</translation>
    </message>
    <message>
        <source>This series was made by a model; models are used on acquired images only.</source>
        <translation>Diese Serie hat ein Modell erzeugt; Modelle werden nur auf aufgenommene Bilder angewandt.</translation>
    </message>
    <message>
        <source>This series is in colour; models are used on grey images only.</source>
        <translation>Diese Serie ist farbig; Modelle werden nur auf Graustufenbilder angewandt.</translation>
    </message>
    <message>
        <source>Needs {0}; this series is {1}.</source>
        <translation>Braucht {0}; diese Serie ist {1}.</translation>
    </message>
    <message>
        <source>Needs a {0}; this series shows {1}.</source>
        <translation>Braucht die Region {0}; diese Serie zeigt {1}.</translation>
    </message>
    <message>
        <source>Needs {0} in the same frame of reference as well; there is none.</source>
        <translation>Braucht auch {0} im selben Bezugssystem; das gibt es nicht.</translation>
    </message>
    <message>
        <source>The region is not stated in the series: confirm that it shows a {0}.</source>
        <translation>Die Serie nennt keine Körperregion: Vergewissern Sie sich, dass sie die Region {0} zeigt.</translation>
    </message>
    <message>
        <source>The contrast is not stated in the series: confirm that it is {0}.</source>
        <translation>Die Serie nennt keinen Kontrast: Vergewissern Sie sich, dass es {0} ist.</translation>
    </message>
    <message>
        <source>The position of the slices in the patient is not known.</source>
        <translation>Die Lage der Schichten im Patienten ist nicht bekannt.</translation>
    </message>
    <message>
        <source>Needs axial slices; these are tilted by {0}°.</source>
        <translation>Braucht axiale Schichten; diese sind um {0}° gekippt.</translation>
    </message>
    <message>
        <source>Needs slices at most {0} mm apart; these are {1} mm apart.</source>
        <translation>Braucht Schichten in höchstens {0} mm Abstand; diese liegen {1} mm auseinander.</translation>
    </message>
    <message>
        <source>This is not a DICOM file.</source>
        <translation>Das ist keine DICOM-Datei.</translation>
    </message>
    <message>
        <source>This is not an NRRD file.</source>
        <translation>Das ist keine NRRD-Datei.</translation>
    </message>
    <message>
        <source>This is not a NIfTI-1 file in one part.</source>
        <translation>Das ist keine einteilige NIfTI-1-Datei.</translation>
    </message>
    <message>
        <source>This is not a regular file.</source>
        <translation>Das ist keine gewöhnliche Datei.</translation>
    </message>
    <message>
        <source>This is a compressed file; unpack it first.</source>
        <translation>Das ist eine gepackte Datei; entpacken Sie sie zuerst.</translation>
    </message>
    <message>
        <source>This is a table of contents (DICOMDIR); open its folder instead.</source>
        <translation>Das ist ein Inhaltsverzeichnis (DICOMDIR); öffnen Sie stattdessen seinen Ordner.</translation>
    </message>
    <message>
        <source>This is a {0} object, not a scan; open the series it belongs to.</source>
        <translation>Das ist ein Objekt der Art {0}, keine Aufnahme; öffnen Sie die Serie, zu der es gehört.</translation>
    </message>
    <message>
        <source>This is a {0} object, which holds no image.</source>
        <translation>Das ist ein Objekt der Art {0}, das kein Bild enthält.</translation>
    </message>
    <message>
        <source>No scan was found in this folder.</source>
        <translation>In diesem Ordner wurde keine Aufnahme gefunden.</translation>
    </message>
    <message>
        <source>No scan was found in this ZIP archive.</source>
        <translation>In diesem ZIP-Archiv wurde keine Aufnahme gefunden.</translation>
    </message>
    <message>
        <source>There is no such file or folder.</source>
        <translation>Diese Datei oder diesen Ordner gibt es nicht.</translation>
    </message>
    <message>
        <source>The file is empty.</source>
        <translation>Die Datei ist leer.</translation>
    </message>
    <message>
        <source>The file cannot be read ({0}).</source>
        <translation>Die Datei lässt sich nicht lesen ({0}).</translation>
    </message>
    <message>
        <source>The folder cannot be read ({0}).</source>
        <translation>Der Ordner lässt sich nicht lesen ({0}).</translation>
    </message>
    <message>
        <source>The file has changed since it was listed; open it again.</source>
        <translation>Die Datei wurde geändert, seit sie aufgeführt wurde; öffnen Sie sie erneut.</translation>
    </message>
    <message>
        <source>The file has become shorter since it was listed; open it again.</source>
        <translation>Die Datei ist kürzer geworden, seit sie aufgeführt wurde; öffnen Sie sie erneut.</translation>
    </message>
    <message>
        <source>The series needs {0} GiB of memory, more than there is; close other studies or programs.</source>
        <translation>Die Serie braucht {0} GiB Speicher, mehr als da ist; schließen Sie andere Untersuchungen oder Programme.</translation>
    </message>
    <message>
        <source>Slice {0} is left empty. {1}</source>
        <translation>Schicht {0} bleibt leer. {1}</translation>
    </message>
    <message>
        <source>Slice {0}: {1} values too large or too small to keep were clipped.</source>
        <translation>Schicht {0}: {1} Werte, die zu groß oder zu klein waren, wurden begrenzt.</translation>
    </message>
    <message>
        <source>The file is damaged or cut off inside its header.</source>
        <translation>Die Datei ist beschädigt oder bricht mitten im Header ab.</translation>
    </message>
    <message>
        <source>The file is cut off inside its header.</source>
        <translation>Die Datei bricht mitten im Header ab.</translation>
    </message>
    <message>
        <source>The file is too short for a NIfTI header.</source>
        <translation>Die Datei ist zu kurz für einen NIfTI-Header.</translation>
    </message>
    <message>
        <source>The header of this file cannot be read; it is damaged or of another format.</source>
        <translation>Der Header dieser Datei lässt sich nicht lesen; sie ist beschädigt oder hat ein anderes Format.</translation>
    </message>
    <message>
        <source>The file has no pixel data: it was cut off, or only its header was saved.</source>
        <translation>Die Datei hat keine Pixeldaten: Sie wurde abgeschnitten, oder nur ihr Header wurde gespeichert.</translation>
    </message>
    <message>
        <source>The file is cut off: {0} take {1} bytes, it holds {2}.</source>
        <translation>Die Datei ist abgeschnitten: {0} brauchen {1} Bytes, sie enthält {2}.</translation>
    </message>
    <message>
        <source>The file is cut off: {0} bytes of its compressed pixels are missing.</source>
        <translation>Die Datei ist abgeschnitten: {0} Bytes ihrer komprimierten Pixel fehlen.</translation>
    </message>
    <message>
        <source>The file is cut off: {0} bytes of voxels expected, it holds {1}.</source>
        <translation>Die Datei ist abgeschnitten: {0} Bytes an Voxeln erwartet, sie enthält {1}.</translation>
    </message>
    <message>
        <source>The file is cut off: it cannot hold the {0} voxels it claims.</source>
        <translation>Die Datei ist abgeschnitten: Sie kann die {0} Voxel, die sie angibt, nicht enthalten.</translation>
    </message>
    <message>
        <source>The compressed pixels are damaged.</source>
        <translation>Die komprimierten Pixel sind beschädigt.</translation>
    </message>
    <message>
        <source>The compressed file is damaged or cut off.</source>
        <translation>Die komprimierte Datei ist beschädigt oder abgeschnitten.</translation>
    </message>
    <message>
        <source>The compressed voxels are damaged or cut off.</source>
        <translation>Die komprimierten Voxel sind beschädigt oder abgeschnitten.</translation>
    </message>
    <message>
        <source>The deflated data set is damaged.</source>
        <translation>Der komprimierte Datensatz (Deflate) ist beschädigt.</translation>
    </message>
    <message>
        <source>The deflated data set grows beyond all bounds.</source>
        <translation>Der komprimierte Datensatz (Deflate) wächst beim Entpacken über alle Grenzen.</translation>
    </message>
    <message>
        <source>The modality lookup table is damaged.</source>
        <translation>Die Modality-Nachschlagetabelle ist beschädigt.</translation>
    </message>
    <message>
        <source>The pixels cannot be decoded ({0}): damaged or cut off.</source>
        <translation>Die Pixel lassen sich nicht dekodieren ({0}): beschädigt oder abgeschnitten.</translation>
    </message>
    <message>
        <source>The decoder broke down on it; the file is damaged.</source>
        <translation>Der Dekoder ist daran abgestürzt; die Datei ist beschädigt.</translation>
    </message>
    <message>
        <source>The decoded image is in colour, unlike its header says.</source>
        <translation>Das dekodierte Bild ist farbig, anders als sein Header sagt.</translation>
    </message>
    <message>
        <source>The decoded image has another size than its header says.</source>
        <translation>Das dekodierte Bild hat eine andere Größe, als sein Header sagt.</translation>
    </message>
    <message>
        <source>The compressed image has another size than its header says.</source>
        <translation>Das komprimierte Bild hat eine andere Größe, als sein Header sagt.</translation>
    </message>
    <message>
        <source>This {0} is damaged or breaks DICOM&apos;s rules.</source>
        <translation>Diese Datei ({0}) ist beschädigt oder verletzt die Regeln von DICOM.</translation>
    </message>
    <message>
        <source>This program does not know the compression {0}.</source>
        <translation>Dieses Programm kennt die Kompression {0} nicht.</translation>
    </message>
    <message>
        <source>The image has {0} bits a pixel, which this program does not read.</source>
        <translation>Das Bild hat {0} Bit je Pixel; das liest dieses Programm nicht.</translation>
    </message>
    <message>
        <source>The file does not say how many rows and columns its image has.</source>
        <translation>Die Datei sagt nicht, wie viele Zeilen und Spalten ihr Bild hat.</translation>
    </message>
    <message>
        <source>{0} × {1} × {2} pixels</source>
        <translation>{0} × {1} × {2} Pixel</translation>
    </message>
    <message>
        <source>The image claims {0}, more than this program opens.</source>
        <translation>Das Bild gibt {0} an, mehr als dieses Programm öffnet.</translation>
    </message>
    <message>
        <source>The image claims {0}, which its {1} bytes cannot hold.</source>
        <translation>Das Bild gibt {0} an; das passt nicht in seine {1} Bytes.</translation>
    </message>
    <message>
        <source>The volume claims {0} voxels, more than is opened.</source>
        <translation>Das Volumen gibt {0} Voxel an, mehr als geöffnet wird.</translation>
    </message>
    <message>
        <source>This {0} is larger than this program opens.</source>
        <translation>Diese Datei ({0}) ist größer, als dieses Programm öffnet.</translation>
    </message>
    <message>
        <source>This object claims more frames or pixels than it describes or than this program opens.</source>
        <translation>Dieses Objekt gibt mehr Einzelbilder oder Pixel an, als es beschreibt oder als dieses Programm öffnet.</translation>
    </message>
    <message>
        <source>The file has {0} axes; two, three, or four with time are read.</source>
        <translation>Die Datei hat {0} Achsen; gelesen werden zwei, drei, oder vier mit der Zeit.</translation>
    </message>
    <message>
        <source>The file holds a kind of data that is not read (colour, complex or unknown).</source>
        <translation>Die Datei enthält eine Art von Daten, die nicht gelesen wird (farbig, komplex oder unbekannt).</translation>
    </message>
    <message>
        <source>The file holds a kind of values that is not read.</source>
        <translation>Die Datei enthält eine Art von Werten, die nicht gelesen wird.</translation>
    </message>
    <message>
        <source>The file holds colours or vectors, which are not read from this format.</source>
        <translation>Die Datei enthält Farben oder Vektoren; die werden aus diesem Format nicht gelesen.</translation>
    </message>
    <message>
        <source>The voxels are written in a way that is not read (encoding {0}).</source>
        <translation>Die Voxel sind auf eine Weise geschrieben, die nicht gelesen wird (Kodierung {0}).</translation>
    </message>
    <message>
        <source>The voxels are written in a way that is not read (as words, or behind a header).</source>
        <translation>Die Voxel sind auf eine Weise geschrieben, die nicht gelesen wird (als Text oder hinter einem Header).</translation>
    </message>
    <message>
        <source>Its voxels are said to be elsewhere or in many files, which is not followed.</source>
        <translation>Ihre Voxel sollen anderswo oder in vielen Dateien liegen; dem wird nicht gefolgt.</translation>
    </message>
    <message>
        <source>The file with its voxels is missing: put {0} beside it.</source>
        <translation>Die Datei mit ihren Voxeln fehlt: Legen Sie {0} daneben.</translation>
    </message>
    <message>
        <source>The file&apos;s orientation is unusable: its matrix places no volume in space.</source>
        <translation>Die Orientierung der Datei ist unbrauchbar: Ihre Matrix legt kein Volumen im Raum fest.</translation>
    </message>
    <message>
        <source>The ZIP archive is damaged or cut off.</source>
        <translation>Das ZIP-Archiv ist beschädigt oder abgeschnitten.</translation>
    </message>
    <message>
        <source>The ZIP archive cannot be unpacked ({0}).</source>
        <translation>Das ZIP-Archiv lässt sich nicht entpacken ({0}).</translation>
    </message>
    <message>
        <source>The ZIP archive holds {0} files, more than this program opens.</source>
        <translation>Das ZIP-Archiv enthält {0} Dateien, mehr als dieses Programm öffnet.</translation>
    </message>
    <message>
        <source>Its name in the ZIP archive points outside the archive; it is left out.</source>
        <translation>Ihr Name im ZIP-Archiv zeigt aus dem Archiv hinaus; sie wird ausgelassen.</translation>
    </message>
    <message>
        <source>It is a link in the ZIP archive; it is left out.</source>
        <translation>Sie ist ein Verweis im ZIP-Archiv; sie wird ausgelassen.</translation>
    </message>
    <message>
        <source>It is encrypted; unpack the ZIP archive with its password first.</source>
        <translation>Sie ist verschlüsselt; entpacken Sie das ZIP-Archiv zuerst mit seinem Passwort.</translation>
    </message>
    <message>
        <source>It grows beyond all bounds when unpacked; it is left out.</source>
        <translation>Sie wächst beim Entpacken über alle Grenzen; sie wird ausgelassen.</translation>
    </message>
    <message>
        <source>It does not fit on the disk or is larger than this program unpacks.</source>
        <translation>Sie passt nicht auf die Festplatte oder ist größer, als dieses Programm entpackt.</translation>
    </message>
    <message>
        <source>It is larger than the ZIP archive says; it is left out.</source>
        <translation>Sie ist größer, als das ZIP-Archiv sagt; sie wird ausgelassen.</translation>
    </message>
    <message>
        <source>It is damaged in the ZIP archive or packed in a way that is not known.</source>
        <translation>Sie ist im ZIP-Archiv beschädigt oder auf unbekannte Weise gepackt.</translation>
    </message>
    <message>
        <source>It is a ZIP archive inside a ZIP archive; unpack it and open it by itself.</source>
        <translation>Sie ist ein ZIP-Archiv in einem ZIP-Archiv; entpacken Sie es und öffnen Sie es für sich.</translation>
    </message>
    <message>
        <source>The table of contents is larger than any; open its folder instead.</source>
        <translation>Das Inhaltsverzeichnis ist größer als jedes gewöhnliche; öffnen Sie stattdessen seinen Ordner.</translation>
    </message>
    <message>
        <source>The table of contents is damaged; open its folder instead.</source>
        <translation>Das Inhaltsverzeichnis ist beschädigt; öffnen Sie stattdessen seinen Ordner.</translation>
    </message>
    <message>
        <source>This is no table of contents of DICOM files; open its folder instead.</source>
        <translation>Das ist kein Inhaltsverzeichnis von DICOM-Dateien; öffnen Sie stattdessen seinen Ordner.</translation>
    </message>
    <message>
        <source>1 of its entries points outside its folder and is left out.</source>
        <translation>1 seiner Einträge zeigt aus seinem Ordner hinaus und wird ausgelassen.</translation>
    </message>
    <message>
        <source>{0} of its entries point outside its folder and are left out.</source>
        <translation>{0} seiner Einträge zeigen aus seinem Ordner hinaus und werden ausgelassen.</translation>
    </message>
    <message>
        <source>1 file that it lists is not there.</source>
        <translation>1 Datei, die es aufführt, ist nicht da.</translation>
    </message>
    <message>
        <source>{0} files that it lists are not there.</source>
        <translation>{0} Dateien, die es aufführt, sind nicht da.</translation>
    </message>
    <message>
        <source>Acquired with a gantry tilt of {0}°; MPR and models use a regular {1} mm grid.</source>
        <translation>Mit einer Gantrykippung von {0}° aufgenommen; MPR und Modelle nutzen ein regelmäßiges Raster von {1} mm.</translation>
    </message>
    <message>
        <source>The slices lie staggered by {0}°; MPR and models use a regular {1} mm grid.</source>
        <translation>Die Schichten liegen um {0}° versetzt; MPR und Modelle nutzen ein regelmäßiges Raster von {1} mm.</translation>
    </message>
    <message>
        <source>The slices are unevenly spaced: {0} to {1} mm apart.</source>
        <translation>Die Schichten haben ungleiche Abstände: {0} bis {1} mm.</translation>
    </message>
    <message>
        <source>The slices do not lie evenly behind one another.</source>
        <translation>Die Schichten liegen nicht gleichmäßig hintereinander.</translation>
    </message>
    <message>
        <source>MPR and models use a regular {0} mm grid.</source>
        <translation>MPR und Modelle nutzen ein regelmäßiges Raster von {0} mm.</translation>
    </message>
    <message>
        <source>1 slice is missing between slices {0} and {1} ({2} to {3} mm).</source>
        <translation>1 Schicht fehlt zwischen den Schichten {0} und {1} ({2} bis {3} mm).</translation>
    </message>
    <message>
        <source>{0} slices are missing between slices {1} and {2} ({3} to {4} mm).</source>
        <translation>{0} Schichten fehlen zwischen den Schichten {1} und {2} ({3} bis {4} mm).</translation>
    </message>
    <message>
        <source>Two images lie at {0} mm: {1} is shown, {2} is left out.</source>
        <translation>Zwei Bilder liegen bei {0} mm: {1} wird gezeigt, {2} ausgelassen.</translation>
    </message>
    <message>
        <source>Two images lie at {0} mm: {1} is shown, {2} is left out (and {3} more like it).</source>
        <translation>Zwei Bilder liegen bei {0} mm: {1} wird gezeigt, {2} ausgelassen (und {3} weitere ebenso).</translation>
    </message>
    <message>
        <source>{0} is left out: a copy of an image that is here already.</source>
        <translation>{0} wird ausgelassen: die Kopie eines Bildes, das schon da ist.</translation>
    </message>
    <message>
        <source>{0} and {1} more files are left out: a copy of an image that is here already.</source>
        <translation>{0} und {1} weitere Dateien werden ausgelassen: Kopien von Bildern, die schon da sind.</translation>
    </message>
    <message>
        <source>1 time point is left out: not every one of the {0} slices is there.</source>
        <translation>1 Zeitpunkt wird ausgelassen: Es sind nicht alle {0} Schichten da.</translation>
    </message>
    <message>
        <source>{0} time points are left out: not every one of the {1} slices is there.</source>
        <translation>{0} Zeitpunkte werden ausgelassen: Es sind nicht alle {1} Schichten da.</translation>
    </message>
    <message>
        <source>The positions in the headers cannot be right and are not used.</source>
        <translation>Die Positionen in den Headern können nicht stimmen und werden nicht benutzt.</translation>
    </message>
    <message>
        <source>The images were compressed with loss; fine detail may be missing.</source>
        <translation>Die Bilder wurden verlustbehaftet komprimiert; feine Einzelheiten können fehlen.</translation>
    </message>
    <message>
        <source>The images are in colour; models take grey images only.</source>
        <translation>Die Bilder sind farbig; Modelle nehmen nur Graustufenbilder.</translation>
    </message>
    <message>
        <source>The images have neither a place in space nor a pixel size; distances are not in millimetres.</source>
        <translation>Die Bilder haben weder einen Ort im Raum noch eine Pixelgröße; Abstände sind nicht in Millimetern.</translation>
    </message>
    <message>
        <source>The images have no places of their own in space; they are shown one after the other.</source>
        <translation>Die Bilder haben keinen eigenen Ort im Raum; sie werden nacheinander gezeigt.</translation>
    </message>
    <message>
        <source>The images do not say how large a pixel is; distances are not in millimetres.</source>
        <translation>Die Bilder sagen nicht, wie groß ein Pixel ist; Abstände sind nicht in Millimetern.</translation>
    </message>
    <message>
        <source>The images carry a modality lookup table that is damaged; values are as stored.</source>
        <translation>Die Bilder tragen eine beschädigte Modality-Nachschlagetabelle; die Werte sind wie gespeichert.</translation>
    </message>
    <message>
        <source>The images carry a VOI lookup table that is damaged; choose a window.</source>
        <translation>Die Bilder tragen eine beschädigte VOI-Nachschlagetabelle; wählen Sie ein Fenster.</translation>
    </message>
    <message>
        <source>{0} records neither patient nor modality; the values are taken for {1}.</source>
        <translation>{0} nennt weder Patient noch Modalität; die Werte werden als {1} genommen.</translation>
    </message>
    <message>
        <source>neck</source>
        <translation>Hals</translation>
    </message>
    <message>
        <source>chest</source>
        <translation>Thorax</translation>
    </message>
    <message>
        <source>abdomen</source>
        <translation>Abdomen</translation>
    </message>
    <message>
        <source>pelvis</source>
        <translation>Becken</translation>
    </message>
    <message>
        <source>of no stated modality</source>
        <translation>ohne Angabe der Modalität</translation>
    </message>
    <message>
        <source>input error</source>
        <translation>Eingabefehler</translation>
    </message>
    <message>
        <source>{0} or {1}</source>
        <translation>{0} oder {1}</translation>
    </message>
</context>
</TS>
