<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN">
<context>
    <name></name>
    <message>
        <source>Making the virtual patient: a head that belongs to nobody.</source>
        <translation>正在生成虚拟患者：一个不属于任何人的头部。</translation>
    </message>
    <message>
        <source>The virtual patient could not be made; the log has the details.</source>
        <translation>无法生成虚拟患者；详情见日志。</translation>
    </message>
    <message>
        <source>The release feed could not be asked; the log has the details.</source>
        <translation>无法查询新版本；详情见日志。</translation>
    </message>
    <message>
        <source>Window: → wider, ↑ higher level</source>
        <translation>窗宽/窗位：→ 更宽，↑ 窗位更高</translation>
    </message>
    <message>
        <source>Slices</source>
        <translation>层面</translation>
    </message>
    <message>
        <source>Move the image</source>
        <translation>移动图像</translation>
    </message>
    <message>
        <source>Zoom</source>
        <translation>缩放</translation>
    </message>
    <message>
        <source>Crosshair in every linked pane</source>
        <translation>所有联动窗格中的十字线</translation>
    </message>
    <message>
        <source>Ten slices at a time</source>
        <translation>每次十层</translation>
    </message>
    <message>
        <source>Look</source>
        <translation>外观</translation>
    </message>
    <message>
        <source>Looking</source>
        <translation>浏览</translation>
    </message>
    <message>
        <source>Colours of the window.</source>
        <translation>窗口的颜色。</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>深色</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>浅色</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>语言</translation>
    </message>
    <message>
        <source>Takes effect at the next start. What marks synthetic images, and what is written to files, is English.</source>
        <translation>下次启动时生效。合成图像的标记以及写入文件的内容保持英文。</translation>
    </message>
    <message>
        <source>The system&apos;s</source>
        <translation>跟随系统</translation>
    </message>
    <message>
        <source>Link panes</source>
        <translation>联动窗格</translation>
    </message>
    <message>
        <source>Views of one frame of reference scroll, zoom and pan together.</source>
        <translation>同一参考坐标系的视图一起翻层、缩放和移动。</translation>
    </message>
    <message>
        <source>Start with patients hidden</source>
        <translation>启动时隐藏患者信息</translation>
    </message>
    <message>
        <source>Patients&apos; data are hidden when the program starts, for teaching and screenshots; a key shows them.</source>
        <translation>程序启动时隐藏患者信息，用于教学和截图；按一个键可显示。</translation>
    </message>
    <message>
        <source>Cine rate</source>
        <translation>电影播放速率</translation>
    </message>
    <message>
        <source>How fast slices and time points are played at first.</source>
        <translation>开始时层面和时间点的播放速度。</translation>
    </message>
    <message>
        <source>pictures a second</source>
        <translation>幅/秒</translation>
    </message>
    <message>
        <source>Flicker rate</source>
        <translation>闪烁速率</translation>
    </message>
    <message>
        <source>How often original and synthetic image change places; faster than four times a second is a danger to some.</source>
        <translation>原始图像与合成图像交替的频率；每秒超过四次对某些人有危险。</translation>
    </message>
    <message>
        <source>changes a second</source>
        <translation>次/秒</translation>
    </message>
    <message>
        <source>Left drag</source>
        <translation>左键拖动</translation>
    </message>
    <message>
        <source>Mouse</source>
        <translation>鼠标</translation>
    </message>
    <message>
        <source>The tool that the left button has at first.</source>
        <translation>左键最初的工具。</translation>
    </message>
    <message>
        <source>Middle drag</source>
        <translation>中键拖动</translation>
    </message>
    <message>
        <source>What dragging with the middle button does.</source>
        <translation>按住中键拖动的作用。</translation>
    </message>
    <message>
        <source>Right drag</source>
        <translation>右键拖动</translation>
    </message>
    <message>
        <source>What dragging with the right button does.</source>
        <translation>按住右键拖动的作用。</translation>
    </message>
    <message>
        <source>Wheel</source>
        <translation>滚轮</translation>
    </message>
    <message>
        <source>What the wheel goes through.</source>
        <translation>滚轮翻动的内容。</translation>
    </message>
    <message>
        <source>Shift + wheel</source>
        <translation>Shift + 滚轮</translation>
    </message>
    <message>
        <source>The wheel while Shift is held.</source>
        <translation>按住 Shift 时的滚轮。</translation>
    </message>
    <message>
        <source>Ctrl + wheel</source>
        <translation>Ctrl + 滚轮</translation>
    </message>
    <message>
        <source>The wheel while Ctrl is held.</source>
        <translation>按住 Ctrl 时的滚轮。</translation>
    </message>
    <message>
        <source>Double click</source>
        <translation>双击</translation>
    </message>
    <message>
        <source>What a double click in a pane does.</source>
        <translation>在窗格中双击的作用。</translation>
    </message>
    <message>
        <source>One pane large, and back</source>
        <translation>单个窗格放大及还原</translation>
    </message>
    <message>
        <source>Nothing</source>
        <translation>无</translation>
    </message>
    <message>
        <source>Keys</source>
        <translation>按键</translation>
    </message>
    <message>
        <source>Which keys stand for which action.</source>
        <translation>各操作对应的按键。</translation>
    </message>
    <message>
        <source>Hang studies</source>
        <translation>自动挂片</translation>
    </message>
    <message>
        <source>Opening</source>
        <translation>打开</translation>
    </message>
    <message>
        <source>A study that is opened is hung by the first hanging protocol that fits it.</source>
        <translation>打开的检查按第一个适用的挂片协议排列。</translation>
    </message>
    <message>
        <source>Reopen where I was</source>
        <translation>恢复上次的状态</translation>
    </message>
    <message>
        <source>What was open is kept for the next start, results too, also after a crash. Never removes it at once.</source>
        <translation>已打开的内容（包括结果）保留到下次启动，程序崩溃后也保留。“从不”会立即删除。</translation>
    </message>
    <message>
        <source>Offer it at the start</source>
        <translation>启动时询问</translation>
    </message>
    <message>
        <source>At every start</source>
        <translation>每次启动</translation>
    </message>
    <message>
        <source>Never, keep nothing</source>
        <translation>从不，不保留</translation>
    </message>
    <message>
        <source>Remember opened folders</source>
        <translation>记住打开过的文件夹</translation>
    </message>
    <message>
        <source>Folders opened before show at once: what their headers say is kept. Off removes what was kept.</source>
        <translation>打开过的文件夹立即显示：保留其文件头信息。关闭则删除已保留的信息。</translation>
    </message>
    <message>
        <source>Device</source>
        <translation>设备</translation>
    </message>
    <message>
        <source>Models</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>Where models run.</source>
        <translation>模型在哪里运行。</translation>
    </message>
    <message>
        <source>The fastest there is</source>
        <translation>现有最快的</translation>
    </message>
    <message>
        <source>NVIDIA GPU</source>
        <translation>NVIDIA GPU</translation>
    </message>
    <message>
        <source>Apple GPU</source>
        <translation>Apple GPU</translation>
    </message>
    <message>
        <source>Processor</source>
        <translation>处理器</translation>
    </message>
    <message>
        <source>Show results as soon as they are there</source>
        <translation>结果一出现就显示</translation>
    </message>
    <message>
        <source>Heat maps and segmentations are drawn over the image as soon as a model makes them; else a key shows them.</source>
        <translation>模型一生成热图和分割就叠加在图像上；否则由按键显示。</translation>
    </message>
    <message>
        <source>Further models</source>
        <translation>其他模型</translation>
    </message>
    <message>
        <source>A folder with further models, read at the start; empty for the one in the user&apos;s data folder.</source>
        <translation>存放其他模型的文件夹，启动时读取；留空则使用用户数据文件夹中的文件夹。</translation>
    </message>
    <message>
        <source>Trainings</source>
        <translation>训练</translation>
    </message>
    <message>
        <source>The folder of trainings; empty for the one in the user&apos;s data folder.</source>
        <translation>存放训练的文件夹；留空则使用用户数据文件夹中的文件夹。</translation>
    </message>
    <message>
        <source>Newer versions</source>
        <translation>新版本</translation>
    </message>
    <message>
        <source>Program</source>
        <translation>程序</translation>
    </message>
    <message>
        <source>Where newer versions are told of (https address or file), asked only on request; empty for nowhere.</source>
        <translation>发布新版本消息的位置（https 地址或文件），仅在要求时查询；留空则不查询。</translation>
    </message>
    <message>
        <source>Open a folder…</source>
        <translation>打开文件夹…</translation>
    </message>
    <message>
        <source>Open every study in a folder</source>
        <translation>打开文件夹中的所有检查</translation>
    </message>
    <message>
        <source>Open files…</source>
        <translation>打开文件…</translation>
    </message>
    <message>
        <source>Open DICOM or NIfTI files</source>
        <translation>打开 DICOM 或 NIfTI 文件</translation>
    </message>
    <message>
        <source>Recent studies</source>
        <translation>最近的检查</translation>
    </message>
    <message>
        <source>Studies that were looked at lately</source>
        <translation>最近浏览过的检查</translation>
    </message>
    <message>
        <source>Open the virtual patient</source>
        <translation>打开虚拟患者</translation>
    </message>
    <message>
        <source>Open a head that belongs to nobody, to try</source>
        <translation>打开一个不属于任何人的头部，供试用</translation>
    </message>
    <message>
        <source>Export…</source>
        <translation>导出…</translation>
    </message>
    <message>
        <source>Write results as DICOM or pictures</source>
        <translation>将结果写成 DICOM 或图片</translation>
    </message>
    <message>
        <source>Archives…</source>
        <translation>归档…</translation>
    </message>
    <message>
        <source>Query the hospital&apos;s archive, retrieve and send</source>
        <translation>查询医院归档（PACS），调取和发送</translation>
    </message>
    <message>
        <source>Import model…</source>
        <translation>导入模型…</translation>
    </message>
    <message>
        <source>Add an ONNX file or a MONAI bundle as a model</source>
        <translation>将 ONNX 文件或 MONAI 包添加为模型</translation>
    </message>
    <message>
        <source>Keep what headers say, so that a folder opened before shows at once; off forgets it</source>
        <translation>保留文件头信息，使打开过的文件夹立即显示；关闭则清除</translation>
    </message>
    <message>
        <source>Lab…</source>
        <translation>实验室…</translation>
    </message>
    <message>
        <source>Train models and watch trainings</source>
        <translation>训练模型并查看训练过程</translation>
    </message>
    <message>
        <source>Studies, layout and results as they were</source>
        <translation>恢复检查、布局和结果</translation>
    </message>
    <message>
        <source>Settings…</source>
        <translation>设置…</translation>
    </message>
    <message>
        <source>All that can be chosen, keys and mouse among it</source>
        <translation>所有可选项，包括按键和鼠标</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>退出</translation>
    </message>
    <message>
        <source>End the program</source>
        <translation>结束程序</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>撤销</translation>
    </message>
    <message>
        <source>Take the last edit back</source>
        <translation>撤回上一次编辑</translation>
    </message>
    <message>
        <source>Redo</source>
        <translation>重做</translation>
    </message>
    <message>
        <source>Do it again</source>
        <translation>再次执行</translation>
    </message>
    <message>
        <source>Window</source>
        <translation>窗宽/窗位</translation>
    </message>
    <message>
        <source>Left drag changes width (→) and level (↑) of the window</source>
        <translation>左键拖动改变窗宽（→）和窗位（↑）</translation>
    </message>
    <message>
        <source>Scroll</source>
        <translation>翻层</translation>
    </message>
    <message>
        <source>Left drag moves through the slices</source>
        <translation>左键拖动翻动层面</translation>
    </message>
    <message>
        <source>Pan</source>
        <translation>移动</translation>
    </message>
    <message>
        <source>Left drag moves the image</source>
        <translation>左键拖动移动图像</translation>
    </message>
    <message>
        <source>Left drag zooms</source>
        <translation>左键拖动缩放</translation>
    </message>
    <message>
        <source>Crosshair</source>
        <translation>十字线</translation>
    </message>
    <message>
        <source>Left drag moves the crosshair in every linked view</source>
        <translation>左键拖动移动所有联动视图中的十字线</translation>
    </message>
    <message>
        <source>Measure</source>
        <translation>测量</translation>
    </message>
    <message>
        <source>Take the measuring tool that was used last</source>
        <translation>使用上次的测量工具</translation>
    </message>
    <message>
        <source>Distance</source>
        <translation>距离</translation>
    </message>
    <message>
        <source>Distance: a length in mm</source>
        <translation>距离：以 mm 为单位的长度</translation>
    </message>
    <message>
        <source>Angle</source>
        <translation>角度</translation>
    </message>
    <message>
        <source>Angle: the angle between three points</source>
        <translation>角度：三点之间的夹角</translation>
    </message>
    <message>
        <source>Cobb angle</source>
        <translation>Cobb 角</translation>
    </message>
    <message>
        <source>Cobb angle: the angle between two lines</source>
        <translation>Cobb 角：两条线之间的夹角</translation>
    </message>
    <message>
        <source>Rectangle</source>
        <translation>矩形</translation>
    </message>
    <message>
        <source>Rectangle: values and area in a box</source>
        <translation>矩形：框内的数值和面积</translation>
    </message>
    <message>
        <source>Ellipse</source>
        <translation>椭圆</translation>
    </message>
    <message>
        <source>Ellipse: values and area in an ellipse</source>
        <translation>椭圆：椭圆内的数值和面积</translation>
    </message>
    <message>
        <source>Freehand</source>
        <translation>手绘</translation>
    </message>
    <message>
        <source>Freehand: values and area in an outline</source>
        <translation>手绘：轮廓内的数值和面积</translation>
    </message>
    <message>
        <source>Probe</source>
        <translation>探针</translation>
    </message>
    <message>
        <source>Probe: the value of a pixel</source>
        <translation>探针：一个像素的数值</translation>
    </message>
    <message>
        <source>Arrow</source>
        <translation>箭头</translation>
    </message>
    <message>
        <source>Arrow: an arrow with words</source>
        <translation>箭头：带文字的箭头</translation>
    </message>
    <message>
        <source>Text</source>
        <translation>文字</translation>
    </message>
    <message>
        <source>Text: words on the image</source>
        <translation>文字：图像上的文字</translation>
    </message>
    <message>
        <source>Copy the measurements</source>
        <translation>复制测量值</translation>
    </message>
    <message>
        <source>All of the study, as text</source>
        <translation>本检查的全部测量，作为文本</translation>
    </message>
    <message>
        <source>Edit segmentations</source>
        <translation>编辑分割</translation>
    </message>
    <message>
        <source>Draw in what a model made, or draw your own</source>
        <translation>修改模型的分割，或自行绘制</translation>
    </message>
    <message>
        <source>New segmentation</source>
        <translation>新建分割</translation>
    </message>
    <message>
        <source>Add an empty segmentation to this series</source>
        <translation>为本序列添加空白分割</translation>
    </message>
    <message>
        <source>Brush</source>
        <translation>画笔</translation>
    </message>
    <message>
        <source>Brush: left drag paints the chosen segment</source>
        <translation>画笔：左键拖动绘制所选分割结构</translation>
    </message>
    <message>
        <source>Eraser</source>
        <translation>橡皮</translation>
    </message>
    <message>
        <source>Eraser: left drag takes the chosen segment away</source>
        <translation>橡皮：左键拖动擦除所选分割结构</translation>
    </message>
    <message>
        <source>Fill a region</source>
        <translation>填充区域</translation>
    </message>
    <message>
        <source>Fill a region: a click inside a closed outline fills it</source>
        <translation>填充区域：在封闭轮廓内单击即可填充</translation>
    </message>
    <message>
        <source>Threshold brush</source>
        <translation>阈值画笔</translation>
    </message>
    <message>
        <source>Threshold brush: paints only where the image&apos;s values are in a range</source>
        <translation>阈值画笔：仅在图像数值处于范围内的位置绘制</translation>
    </message>
    <message>
        <source>3D brush</source>
        <translation>三维画笔</translation>
    </message>
    <message>
        <source>Paint with a ball through the slices</source>
        <translation>用球形画笔跨层绘制</translation>
    </message>
    <message>
        <source>Larger brush</source>
        <translation>放大画笔</translation>
    </message>
    <message>
        <source>A larger brush; Alt and the wheel too</source>
        <translation>更大的画笔；也可用 Alt 加滚轮</translation>
    </message>
    <message>
        <source>Smaller brush</source>
        <translation>缩小画笔</translation>
    </message>
    <message>
        <source>A smaller brush; Alt and the wheel too</source>
        <translation>更小的画笔；也可用 Alt 加滚轮</translation>
    </message>
    <message>
        <source>Fill between slices</source>
        <translation>层间填充</translation>
    </message>
    <message>
        <source>Fill the slices between drawn ones</source>
        <translation>填充已绘制层面之间的层面</translation>
    </message>
    <message>
        <source>Surfaces in 3D</source>
        <translation>三维表面</translation>
    </message>
    <message>
        <source>The segments as surfaces that can be turned, in a window of their own</source>
        <translation>将分割结构显示为可旋转的表面，在单独的窗口中</translation>
    </message>
    <message>
        <source>Next slice</source>
        <translation>下一层</translation>
    </message>
    <message>
        <source>One slice on</source>
        <translation>前进一层</translation>
    </message>
    <message>
        <source>Previous slice</source>
        <translation>上一层</translation>
    </message>
    <message>
        <source>One slice back</source>
        <translation>后退一层</translation>
    </message>
    <message>
        <source>Ten slices on</source>
        <translation>前进十层</translation>
    </message>
    <message>
        <source>Ten slices back</source>
        <translation>后退十层</translation>
    </message>
    <message>
        <source>First slice</source>
        <translation>第一层</translation>
    </message>
    <message>
        <source>The first slice</source>
        <translation>第一层</translation>
    </message>
    <message>
        <source>Last slice</source>
        <translation>最后一层</translation>
    </message>
    <message>
        <source>The last slice</source>
        <translation>最后一层</translation>
    </message>
    <message>
        <source>Previous series</source>
        <translation>上一序列</translation>
    </message>
    <message>
        <source>The series before</source>
        <translation>前一个序列</translation>
    </message>
    <message>
        <source>Next series</source>
        <translation>下一序列</translation>
    </message>
    <message>
        <source>The next series</source>
        <translation>后一个序列</translation>
    </message>
    <message>
        <source>Reset the view</source>
        <translation>重置视图</translation>
    </message>
    <message>
        <source>Zoom, position and turn as opened</source>
        <translation>恢复打开时的缩放、位置和方向</translation>
    </message>
    <message>
        <source>Key image</source>
        <translation>关键图像</translation>
    </message>
    <message>
        <source>Mark the slice shown as a key image, for the report and the archive; again takes the mark away</source>
        <translation>将显示的层面标为关键图像，供报告和归档使用；再按一次取消标记</translation>
    </message>
    <message>
        <source>Invert</source>
        <translation>反色</translation>
    </message>
    <message>
        <source>Black becomes white</source>
        <translation>黑白反转</translation>
    </message>
    <message>
        <source>Rotate</source>
        <translation>旋转</translation>
    </message>
    <message>
        <source>A quarter turn</source>
        <translation>旋转 90°</translation>
    </message>
    <message>
        <source>Automatic window</source>
        <translation>自动窗宽/窗位</translation>
    </message>
    <message>
        <source>0.5th to 99.5th percentile of the slice</source>
        <translation>本层第 0.5 至 99.5 百分位</translation>
    </message>
    <message>
        <source>Next window of the series</source>
        <translation>序列的下一组窗宽/窗位</translation>
    </message>
    <message>
        <source>The windows stored in the series</source>
        <translation>序列中存储的窗宽/窗位</translation>
    </message>
    <message>
        <source>Brain 80/40</source>
        <translation>脑窗 80/40</translation>
    </message>
    <message>
        <source>CT brain</source>
        <translation>CT 脑</translation>
    </message>
    <message>
        <source>Subdural 200/75</source>
        <translation>硬膜下窗 200/75</translation>
    </message>
    <message>
        <source>CT subdural</source>
        <translation>CT 硬膜下</translation>
    </message>
    <message>
        <source>Stroke 40/40</source>
        <translation>卒中窗 40/40</translation>
    </message>
    <message>
        <source>CT stroke</source>
        <translation>CT 卒中</translation>
    </message>
    <message>
        <source>Soft tissue 400/40</source>
        <translation>软组织窗 400/40</translation>
    </message>
    <message>
        <source>CT soft tissue</source>
        <translation>CT 软组织</translation>
    </message>
    <message>
        <source>Liver 150/90</source>
        <translation>肝窗 150/90</translation>
    </message>
    <message>
        <source>CT liver</source>
        <translation>CT 肝</translation>
    </message>
    <message>
        <source>Mediastinum 400/50</source>
        <translation>纵隔窗 400/50</translation>
    </message>
    <message>
        <source>CT mediastinum</source>
        <translation>CT 纵隔</translation>
    </message>
    <message>
        <source>Lung 1500/−600</source>
        <translation>肺窗 1500/−600</translation>
    </message>
    <message>
        <source>CT lung</source>
        <translation>CT 肺</translation>
    </message>
    <message>
        <source>Bone 2500/480</source>
        <translation>骨窗 2500/480</translation>
    </message>
    <message>
        <source>CT bone</source>
        <translation>CT 骨</translation>
    </message>
    <message>
        <source>1 row, 1 pane across</source>
        <translation>1 行，每行 1 个窗格</translation>
    </message>
    <message>
        <source>1 row, 2 panes across</source>
        <translation>1 行，每行 2 个窗格</translation>
    </message>
    <message>
        <source>1 row, 3 panes across</source>
        <translation>1 行，每行 3 个窗格</translation>
    </message>
    <message>
        <source>2 rows, 1 pane across</source>
        <translation>2 行，每行 1 个窗格</translation>
    </message>
    <message>
        <source>2 rows, 2 panes across</source>
        <translation>2 行，每行 2 个窗格</translation>
    </message>
    <message>
        <source>2 rows, 3 panes across</source>
        <translation>2 行，每行 3 个窗格</translation>
    </message>
    <message>
        <source>3 rows, 1 pane across</source>
        <translation>3 行，每行 1 个窗格</translation>
    </message>
    <message>
        <source>3 rows, 2 panes across</source>
        <translation>3 行，每行 2 个窗格</translation>
    </message>
    <message>
        <source>3 rows, 3 panes across</source>
        <translation>3 行，每行 3 个窗格</translation>
    </message>
    <message>
        <source>MPR</source>
        <translation>MPR</translation>
    </message>
    <message>
        <source>Axial, coronal and sagittal with one crosshair</source>
        <translation>轴位、冠状位和矢状位，共用一个十字线</translation>
    </message>
    <message>
        <source>One pane large</source>
        <translation>单个窗格放大</translation>
    </message>
    <message>
        <source>The active pane alone, and back</source>
        <translation>仅显示活动窗格，再按还原</translation>
    </message>
    <message>
        <source>Pane in a window of its own</source>
        <translation>窗格在独立窗口中</translation>
    </message>
    <message>
        <source>For a second monitor, which is remembered; again brings the pane back</source>
        <translation>用于第二台显示器（会被记住）；再按一次窗格返回</translation>
    </message>
    <message>
        <source>Next pane</source>
        <translation>下一个窗格</translation>
    </message>
    <message>
        <source>Make the next pane the active one</source>
        <translation>将下一个窗格设为活动窗格</translation>
    </message>
    <message>
        <source>Turn the lines of MPR to the left</source>
        <translation>将 MPR 线向左转</translation>
    </message>
    <message>
        <source>5° anticlockwise</source>
        <translation>逆时针 5°</translation>
    </message>
    <message>
        <source>Turn the lines of MPR to the right</source>
        <translation>将 MPR 线向右转</translation>
    </message>
    <message>
        <source>5° clockwise</source>
        <translation>顺时针 5°</translation>
    </message>
    <message>
        <source>Straighten the lines of MPR</source>
        <translation>摆正 MPR 线</translation>
    </message>
    <message>
        <source>Along the grid again</source>
        <translation>恢复为沿网格方向</translation>
    </message>
    <message>
        <source>Save this layout…</source>
        <translation>保存此布局…</translation>
    </message>
    <message>
        <source>Keep layout, series and windows as a protocol</source>
        <translation>将布局、序列和窗宽/窗位保存为协议</translation>
    </message>
    <message>
        <source>Hang studies on opening</source>
        <translation>打开时自动挂片</translation>
    </message>
    <message>
        <source>The first hanging protocol that fits a study is applied when it opens</source>
        <translation>检查打开时应用第一个适用的挂片协议</translation>
    </message>
    <message>
        <source>Plane</source>
        <translation>平面</translation>
    </message>
    <message>
        <source>The plane alone, no slab</source>
        <translation>仅显示平面，不用厚层</translation>
    </message>
    <message>
        <source>MIP</source>
        <translation>MIP</translation>
    </message>
    <message>
        <source>The largest value within the slab</source>
        <translation>厚层内的最大值</translation>
    </message>
    <message>
        <source>MinIP</source>
        <translation>MinIP</translation>
    </message>
    <message>
        <source>The smallest value within the slab</source>
        <translation>厚层内的最小值</translation>
    </message>
    <message>
        <source>Average</source>
        <translation>平均</translation>
    </message>
    <message>
        <source>The mean of the values within the slab</source>
        <translation>厚层内的平均值</translation>
    </message>
    <message>
        <source>Slab on and off</source>
        <translation>厚层开/关</translation>
    </message>
    <message>
        <source>The slab used last, or the plane alone</source>
        <translation>上次使用的厚层，或仅平面</translation>
    </message>
    <message>
        <source>Thicker slab</source>
        <translation>增加层厚</translation>
    </message>
    <message>
        <source>The next thickness</source>
        <translation>下一档层厚</translation>
    </message>
    <message>
        <source>Thinner slab</source>
        <translation>减小层厚</translation>
    </message>
    <message>
        <source>The thickness before</source>
        <translation>上一档层厚</translation>
    </message>
    <message>
        <source>Thickness…</source>
        <translation>层厚…</translation>
    </message>
    <message>
        <source>How many millimetres the slab is thick</source>
        <translation>厚层的毫米数</translation>
    </message>
    <message>
        <source>Play</source>
        <translation>播放</translation>
    </message>
    <message>
        <source>Play through the slices, and stop</source>
        <translation>连续播放层面，再按停止</translation>
    </message>
    <message>
        <source>Faster</source>
        <translation>加快</translation>
    </message>
    <message>
        <source>More pictures a second</source>
        <translation>每秒更多幅</translation>
    </message>
    <message>
        <source>Slower</source>
        <translation>减慢</translation>
    </message>
    <message>
        <source>Fewer pictures a second</source>
        <translation>每秒更少幅</translation>
    </message>
    <message>
        <source>There and back</source>
        <translation>往返播放</translation>
    </message>
    <message>
        <source>Turn round at the ends</source>
        <translation>到两端时折返</translation>
    </message>
    <message>
        <source>Play time points</source>
        <translation>播放时间点</translation>
    </message>
    <message>
        <source>Time points instead of slices</source>
        <translation>播放时间点而非层面</translation>
    </message>
    <message>
        <source>Link</source>
        <translation>联动</translation>
    </message>
    <message>
        <source>Panes of one space move together</source>
        <translation>同一空间的窗格一起移动</translation>
    </message>
    <message>
        <source>Link by hand</source>
        <translation>手动联动</translation>
    </message>
    <message>
        <source>Take the middles of the panes for the same place, and part them again</source>
        <translation>将各窗格的中心视为同一位置；再按则分开</translation>
    </message>
    <message>
        <source>Link by registration</source>
        <translation>通过配准联动</translation>
    </message>
    <message>
        <source>Find from the images how another examination lies to the one in the active pane, and link them</source>
        <translation>由图像求出另一检查与活动窗格中检查的位置关系，并使其联动</translation>
    </message>
    <message>
        <source>Link slices</source>
        <translation>联动层面</translation>
    </message>
    <message>
        <source>Linked panes scroll together</source>
        <translation>联动窗格一起翻层</translation>
    </message>
    <message>
        <source>Link zoom and place</source>
        <translation>联动缩放和位置</translation>
    </message>
    <message>
        <source>Linked panes zoom and move together</source>
        <translation>联动窗格一起缩放和移动</translation>
    </message>
    <message>
        <source>Link windows</source>
        <translation>联动窗宽/窗位</translation>
    </message>
    <message>
        <source>Linked panes of one scale share a window</source>
        <translation>同一数值标度的联动窗格共用窗宽/窗位</translation>
    </message>
    <message>
        <source>Link the crosshair</source>
        <translation>联动十字线</translation>
    </message>
    <message>
        <source>The crosshair stands at the same place in linked panes</source>
        <translation>十字线在联动窗格中位于同一位置</translation>
    </message>
    <message>
        <source>Prior beside current</source>
        <translation>并列既往检查</translation>
    </message>
    <message>
        <source>Another study of this patient</source>
        <translation>该患者的另一次检查</translation>
    </message>
    <message>
        <source>Overlay</source>
        <translation>叠加</translation>
    </message>
    <message>
        <source>Results over the originals</source>
        <translation>结果叠加在原始图像上</translation>
    </message>
    <message>
        <source>Swipe</source>
        <translation>卷帘</translation>
    </message>
    <message>
        <source>Original left, synthetic right of a line</source>
        <translation>线左侧为原始图像，右侧为合成图像</translation>
    </message>
    <message>
        <source>Checkerboard</source>
        <translation>棋盘格</translation>
    </message>
    <message>
        <source>Original and synthetic in turn, field by field</source>
        <translation>原始图像与合成图像逐格交替</translation>
    </message>
    <message>
        <source>Flicker</source>
        <translation>闪烁</translation>
    </message>
    <message>
        <source>Original and synthetic by turns</source>
        <translation>原始图像与合成图像轮流显示</translation>
    </message>
    <message>
        <source>Rate of flickering…</source>
        <translation>闪烁速率…</translation>
    </message>
    <message>
        <source>How often the picture changes</source>
        <translation>图像切换的频率</translation>
    </message>
    <message>
        <source>Difference</source>
        <translation>差值</translation>
    </message>
    <message>
        <source>Synthetic minus original, in colours with a scale; drag to change its range</source>
        <translation>合成图像减原始图像，以带标尺的颜色显示；拖动可改变范围</translation>
    </message>
    <message>
        <source>Range of the difference…</source>
        <translation>差值范围…</translation>
    </message>
    <message>
        <source>Up to where its colours go</source>
        <translation>颜色所表示的最大差值</translation>
    </message>
    <message>
        <source>Colours of the difference…</source>
        <translation>差值颜色…</translation>
    </message>
    <message>
        <source>Colour maps that are even, also to colour-blind eyes</source>
        <translation>均匀的色图，色觉障碍者也能分辨</translation>
    </message>
    <message>
        <source>Compare with…</source>
        <translation>与…比较</translation>
    </message>
    <message>
        <source>Another series, model or run in the place of the original</source>
        <translation>用另一序列、模型或运行结果代替原始图像</translation>
    </message>
    <message>
        <source>Keep a copy to compare</source>
        <translation>保留副本用于比较</translation>
    </message>
    <message>
        <source>Of the synthetic image shown, before another run takes its place</source>
        <translation>在新的运行取代之前，保留所显示的合成图像</translation>
    </message>
    <message>
        <source>Next finding</source>
        <translation>下一个发现</translation>
    </message>
    <message>
        <source>Go to the next finding</source>
        <translation>转到下一个发现</translation>
    </message>
    <message>
        <source>Previous finding</source>
        <translation>上一个发现</translation>
    </message>
    <message>
        <source>Go to the previous finding</source>
        <translation>转到上一个发现</translation>
    </message>
    <message>
        <source>Accept the finding</source>
        <translation>接受该发现</translation>
    </message>
    <message>
        <source>Accept</source>
        <translation>接受</translation>
    </message>
    <message>
        <source>Reject the finding</source>
        <translation>拒绝该发现</translation>
    </message>
    <message>
        <source>Delete the chosen annotation, else reject</source>
        <translation>删除所选标注，否则拒绝</translation>
    </message>
    <message>
        <source>Hide patient data</source>
        <translation>隐藏患者信息</translation>
    </message>
    <message>
        <source>For teaching and screenshots</source>
        <translation>用于教学和截图</translation>
    </message>
    <message>
        <source>Hide the panels</source>
        <translation>隐藏面板</translation>
    </message>
    <message>
        <source>Only the images</source>
        <translation>仅显示图像</translation>
    </message>
    <message>
        <source>Light look</source>
        <translation>浅色外观</translation>
    </message>
    <message>
        <source>Light panels; around the image it stays black</source>
        <translation>浅色面板；图像周围保持黑色</translation>
    </message>
    <message>
        <source>Full screen</source>
        <translation>全屏</translation>
    </message>
    <message>
        <source>Full screen and back</source>
        <translation>全屏及还原</translation>
    </message>
    <message>
        <source>Cancel what runs</source>
        <translation>取消正在进行的操作</translation>
    </message>
    <message>
        <source>Leave what is being drawn, cancel a run, leave full screen</source>
        <translation>停止绘制、取消运行、退出全屏</translation>
    </message>
    <message>
        <source>All keys</source>
        <translation>所有按键</translation>
    </message>
    <message>
        <source>Look for a newer version</source>
        <translation>检查新版本</translation>
    </message>
    <message>
        <source>Ask the release feed that the settings name</source>
        <translation>查询设置中指定的发布源</translation>
    </message>
    <message>
        <source>About</source>
        <translation>关于</translation>
    </message>
    <message>
        <source>Version, licence and what it is not</source>
        <translation>版本、许可，以及它不是什么</translation>
    </message>
    <message>
        <source>Hold to reveal the original</source>
        <translation>按住显示原始图像</translation>
    </message>
    <message>
        <source>While the key is held no result is drawn</source>
        <translation>按住该键时不显示任何结果</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>Close this message</source>
        <translation>关闭此消息</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>暂停</translation>
    </message>
    <message>
        <source>Picture shown</source>
        <translation>当前显示的图像</translation>
    </message>
    <message>
        <source> / s</source>
        <translation> / 秒</translation>
    </message>
    <message>
        <source>Pictures a second</source>
        <translation>每秒幅数</translation>
    </message>
    <message>
        <source>From the start again</source>
        <translation>从头再播</translation>
    </message>
    <message>
        <source>What follows the last picture</source>
        <translation>最后一幅之后</translation>
    </message>
    <message>
        <source>What is played</source>
        <translation>播放内容</translation>
    </message>
    <message>
        <source>Time points</source>
        <translation>时间点</translation>
    </message>
    <message>
        <source>Stop and close this bar</source>
        <translation>停止并关闭此栏</translation>
    </message>
    <message>
        <source>Close the study</source>
        <translation>关闭检查</translation>
    </message>
    <message>
        <source>Close the program</source>
        <translation>关闭程序</translation>
    </message>
    <message>
        <source>{0}? This is lost then: {1}. Results, verdicts and key images can be exported first.</source>
        <translation>{0}？将会丢失：{1}。结果、判定和关键图像可以先导出。</translation>
    </message>
    <message>
        <source>1 verdict on a finding</source>
        <translation>1 个对发现的判定</translation>
    </message>
    <message>
        <source>{0} verdicts on findings</source>
        <translation>{0} 个对发现的判定</translation>
    </message>
    <message>
        <source>1 segmentation drawn by hand</source>
        <translation>1 个手工绘制的分割</translation>
    </message>
    <message>
        <source>{0} segmentations drawn by hand</source>
        <translation>{0} 个手工绘制的分割</translation>
    </message>
    <message>
        <source>1 key image of a synthetic image</source>
        <translation>1 个合成图像的关键图像</translation>
    </message>
    <message>
        <source>{0} key images of synthetic images</source>
        <translation>{0} 个合成图像的关键图像</translation>
    </message>
    <message>
        <source>Where models run</source>
        <translation>模型在哪里运行</translation>
    </message>
    <message>
        <source>The fastest there is ({0})</source>
        <translation>现有最快的（{0}）</translation>
    </message>
    <message>
        <source>this computer&apos;s processor</source>
        <translation>本机处理器</translation>
    </message>
    <message>
        <source>this computer&apos;s NVIDIA graphics card</source>
        <translation>本机 NVIDIA 显卡</translation>
    </message>
    <message>
        <source>this computer&apos;s Apple graphics</source>
        <translation>本机 Apple 图形处理器</translation>
    </message>
    <message>
        <source>the fastest there is</source>
        <translation>可用的最快设备</translation>
    </message>
    <message>
        <source>NVIDIA GPU: {0}</source>
        <translation>NVIDIA GPU：{0}</translation>
    </message>
    <message>
        <source>Processor: {0}, {1} threads</source>
        <translation>处理器：{0}，{1} 个线程</translation>
    </message>
    <message>
        <source>Models run on: {0}</source>
        <translation>模型运行于：{0}</translation>
    </message>
    <message>
        <source>{0} · last run: {1}</source>
        <translation>{0} · 上次运行：{1}</translation>
    </message>
    <message>
        <source>MedGAN Viewer is for research. It is not a medical device; no diagnosis and no treatment may rest on it.</source>
        <translation>MedGAN Viewer 仅用于研究。它不是医疗器械；不得据此作出任何诊断或治疗。</translation>
    </message>
    <message>
        <source>What a model makes looks like a scan and is a guess. It can leave out what is there, and draw what is not. Everything synthetic is marked violet; the marks stay on.</source>
        <translation>模型生成的内容看起来像扫描图像，但只是推测。它可能遗漏存在的东西，也可能画出不存在的东西。所有合成内容都以紫色标记；标记不可去除。</translation>
    </message>
    <message>
        <source>All is computed on this computer. Nothing is sent anywhere unless you send it.</source>
        <translation>所有计算都在本机进行。除非您发送，否则不会发送任何内容。</translation>
    </message>
    <message>
        <source>Research use only</source>
        <translation>仅供研究使用</translation>
    </message>
    <message>
        <source>I use it for research only</source>
        <translation>我仅将其用于研究</translation>
    </message>
    <message>
        <source>Agree, and open the program</source>
        <translation>同意并打开程序</translation>
    </message>
    <message>
        <source>Close the program; it asks again at the next start</source>
        <translation>关闭程序；下次启动时会再次询问</translation>
    </message>
    <message>
        <source>While images come by C-MOVE this program listens at the address and port below, to the AE titles listed; the archive must know both. By C-GET nothing ever listens.</source>
        <translation>以 C-MOVE 接收图像时，本程序在下面的地址和端口上监听所列的 AE 标题；归档必须知道这两者。使用 C-GET 时从不监听。</translation>
    </message>
    <message>
        <source>Archive</source>
        <translation>归档</translation>
    </message>
    <message>
        <source>What you call it</source>
        <translation>您给它的名称</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>名称</translation>
    </message>
    <message>
        <source>DIMSE (host, port, AE title)</source>
        <translation>DIMSE（主机、端口、AE 标题）</translation>
    </message>
    <message>
        <source>DICOMweb (address)</source>
        <translation>DICOMweb（地址）</translation>
    </message>
    <message>
        <source>Kind</source>
        <translation>类型</translation>
    </message>
    <message>
        <source>The system&apos;s; or a PEM file</source>
        <translation>系统的；或一个 PEM 文件</translation>
    </message>
    <message>
        <source>None; or a PEM file with certificate and key</source>
        <translation>无；或包含证书和密钥的 PEM 文件</translation>
    </message>
    <message>
        <source>Trusted authorities</source>
        <translation>受信任的证书机构</translation>
    </message>
    <message>
        <source>Own certificate</source>
        <translation>自己的证书</translation>
    </message>
    <message>
        <source>Keep</source>
        <translation>保存</translation>
    </message>
    <message>
        <source>Keep this archive</source>
        <translation>保存此归档</translation>
    </message>
    <message>
        <source>Name or address</source>
        <translation>名称或地址</translation>
    </message>
    <message>
        <source>Connect with TLS; the certificate is always checked</source>
        <translation>使用 TLS 连接；始终检查证书</translation>
    </message>
    <message>
        <source>The archive&apos;s own</source>
        <translation>归档自己的</translation>
    </message>
    <message>
        <source>Host</source>
        <translation>主机</translation>
    </message>
    <message>
        <source>Port</source>
        <translation>端口</translation>
    </message>
    <message>
        <source>Its AE title</source>
        <translation>其 AE 标题</translation>
    </message>
    <message>
        <source>AE title of this program</source>
        <translation>本程序的 AE 标题</translation>
    </message>
    <message>
        <source>Images come by</source>
        <translation>图像接收方式</translation>
    </message>
    <message>
        <source>Listen at address</source>
        <translation>监听地址</translation>
    </message>
    <message>
        <source>Listen at port</source>
        <translation>监听端口</translation>
    </message>
    <message>
        <source>AE titles that may connect</source>
        <translation>允许连接的 AE 标题</translation>
    </message>
    <message>
        <source>None, or as kept before</source>
        <translation>无，或沿用已保存的</translation>
    </message>
    <message>
        <source>Address</source>
        <translation>地址</translation>
    </message>
    <message>
        <source>User</source>
        <translation>用户</translation>
    </message>
    <message>
        <source>Password</source>
        <translation>密码</translation>
    </message>
    <message>
        <source>Or bearer token</source>
        <translation>或 Bearer 令牌</translation>
    </message>
    <message>
        <source>User, password and token go to this system&apos;s keyring and to no file.</source>
        <translation>用户、密码和令牌存入本系统的密钥环，不写入任何文件。</translation>
    </message>
    <message>
        <source>Patient, study, series</source>
        <translation>患者、检查、序列</translation>
    </message>
    <message>
        <source>Date</source>
        <translation>日期</translation>
    </message>
    <message>
        <source>Modality</source>
        <translation>设备类型</translation>
    </message>
    <message>
        <source>Images</source>
        <translation>图像数</translation>
    </message>
    <message>
        <source>Identifier, accession</source>
        <translation>标识号、检查号</translation>
    </message>
    <message>
        <source>Studies found</source>
        <translation>找到的检查</translation>
    </message>
    <message>
        <source>Study without description</source>
        <translation>无描述的检查</translation>
    </message>
    <message>
        <source>No name</source>
        <translation>无姓名</translation>
    </message>
    <message>
        <source>No archive is kept yet. Press Add… and enter what your hospital&apos;s IT tells you.</source>
        <translation>尚未设置归档。请按“添加…”并输入医院 IT 提供的信息。</translation>
    </message>
    <message>
        <source>Archives</source>
        <translation>归档</translation>
    </message>
    <message>
        <source>Check</source>
        <translation>测试</translation>
    </message>
    <message>
        <source>Ask the archive for a sign of life</source>
        <translation>测试归档是否应答</translation>
    </message>
    <message>
        <source>Add…</source>
        <translation>添加…</translation>
    </message>
    <message>
        <source>Keep another archive</source>
        <translation>添加另一个归档</translation>
    </message>
    <message>
        <source>Change…</source>
        <translation>更改…</translation>
    </message>
    <message>
        <source>Change this archive</source>
        <translation>更改此归档</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>移除</translation>
    </message>
    <message>
        <source>Forget this archive and its credentials</source>
        <translation>删除此归档及其凭据</translation>
    </message>
    <message>
        <source>PATIENT</source>
        <translation>患者</translation>
    </message>
    <message>
        <source>Part of the name</source>
        <translation>姓名的一部分</translation>
    </message>
    <message>
        <source>IDENTIFIER</source>
        <translation>标识号</translation>
    </message>
    <message>
        <source>Whole; * for any letters</source>
        <translation>完整输入；* 代表任意字符</translation>
    </message>
    <message>
        <source>FROM</source>
        <translation>从</translation>
    </message>
    <message>
        <source>TO</source>
        <translation>至</translation>
    </message>
    <message>
        <source>MODALITY</source>
        <translation>设备类型</translation>
    </message>
    <message>
        <source>DESCRIPTION</source>
        <translation>描述</translation>
    </message>
    <message>
        <source>Part of the study&apos;s</source>
        <translation>检查描述的一部分</translation>
    </message>
    <message>
        <source>Query</source>
        <translation>查询</translation>
    </message>
    <message>
        <source>Ask the archive for studies</source>
        <translation>向归档查询检查</translation>
    </message>
    <message>
        <source>FOLDER FOR WHAT ARRIVES (UNENCRYPTED, WITH THE PATIENT&apos;S IDENTITY)</source>
        <translation>接收文件夹（未加密，含患者身份）</translation>
    </message>
    <message>
        <source>Folder for what arrives</source>
        <translation>接收文件夹</translation>
    </message>
    <message>
        <source>Choose…</source>
        <translation>选择…</translation>
    </message>
    <message>
        <source>Choose a folder for what arrives</source>
        <translation>选择接收文件夹</translation>
    </message>
    <message>
        <source>Send results</source>
        <translation>发送结果</translation>
    </message>
    <message>
        <source>Send the results of every open series as DICOM</source>
        <translation>将所有打开序列的结果以 DICOM 发送</translation>
    </message>
    <message>
        <source>Send files…</source>
        <translation>发送文件…</translation>
    </message>
    <message>
        <source>Send DICOM files of a folder</source>
        <translation>发送文件夹中的 DICOM 文件</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>End what is under way; what has arrived is kept</source>
        <translation>结束正在进行的操作；已收到的内容保留</translation>
    </message>
    <message>
        <source>Retrieve</source>
        <translation>调取</translation>
    </message>
    <message>
        <source>Retrieve what is chosen and open it</source>
        <translation>调取所选内容并打开</translation>
    </message>
    <message>
        <source>Asking {0}…</source>
        <translation>正在询问 {0}…</translation>
    </message>
    <message>
        <source>{0} answers.</source>
        <translation>{0} 已应答。</translation>
    </message>
    <message>
        <source>Querying…</source>
        <translation>正在查询…</translation>
    </message>
    <message>
        <source>There are more than these {0} studies; narrow the query.</source>
        <translation>检查多于这 {0} 个；请缩小查询范围。</translation>
    </message>
    <message>
        <source>No study fits.</source>
        <translation>没有符合的检查。</translation>
    </message>
    <message>
        <source>One study.</source>
        <translation>一个检查。</translation>
    </message>
    <message>
        <source>{0} studies.</source>
        <translation>{0} 个检查。</translation>
    </message>
    <message>
        <source>Asking for the series…</source>
        <translation>正在查询序列…</translation>
    </message>
    <message>
        <source>Retrieving…</source>
        <translation>正在调取…</translation>
    </message>
    <message>
        <source>Send the DICOM files of a folder</source>
        <translation>发送文件夹中的 DICOM 文件</translation>
    </message>
    <message>
        <source>Sending…</source>
        <translation>正在发送…</translation>
    </message>
    <message>
        <source> of {0}</source>
        <translation> / {0}</translation>
    </message>
    <message>
        <source>Something unexpected went wrong; the log has the details.</source>
        <translation>发生意外错误；详情见日志。</translation>
    </message>
    <message>
        <source>Cancelled.</source>
        <translation>已取消。</translation>
    </message>
    <message>
        <source>Cancelled; one image has arrived.</source>
        <translation>已取消；已收到一幅图像。</translation>
    </message>
    <message>
        <source>Cancelled; {0} images have arrived.</source>
        <translation>已取消；已收到 {0} 幅图像。</translation>
    </message>
    <message>
        <source>One image has arrived.</source>
        <translation>已收到一幅图像。</translation>
    </message>
    <message>
        <source>{0} images have arrived.</source>
        <translation>已收到 {0} 幅图像。</translation>
    </message>
    <message>
        <source>Cancelled; the archive took one file.</source>
        <translation>已取消；归档接收了一个文件。</translation>
    </message>
    <message>
        <source>Cancelled; the archive took {0} files.</source>
        <translation>已取消；归档接收了 {0} 个文件。</translation>
    </message>
    <message>
        <source>The archive took one file.</source>
        <translation>归档接收了一个文件。</translation>
    </message>
    <message>
        <source>The archive took {0} files.</source>
        <translation>归档接收了 {0} 个文件。</translation>
    </message>
    <message>
        <source>The result will say so wherever it is shown, printed or written, and that cannot be removed.</source>
        <translation>结果在显示、打印或写入之处都会注明这一点，且无法去除。</translation>
    </message>
    <message>
        <source>Input check</source>
        <translation>输入检查</translation>
    </message>
    <message>
        <source>Run {0} all the same?</source>
        <translation>仍要运行 {0} 吗？</translation>
    </message>
    <message>
        <source>Run anyway</source>
        <translation>仍然运行</translation>
    </message>
    <message>
        <source>The program did not end well the last time. What it was doing is in a report of its own code: no patient data, no file names. It was sent nowhere; give it to whoever looks after this program.</source>
        <translation>程序上次没有正常结束。当时的情况记录在一份关于程序自身代码的报告中：不含患者信息，不含文件名。报告没有发送到任何地方；请交给维护本程序的人员。</translation>
    </message>
    <message>
        <source>Crash report</source>
        <translation>崩溃报告</translation>
    </message>
    <message>
        <source>The report</source>
        <translation>报告</translation>
    </message>
    <message>
        <source>Show the report</source>
        <translation>显示报告</translation>
    </message>
    <message>
        <source>Show what the report says</source>
        <translation>显示报告的内容</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>复制</translation>
    </message>
    <message>
        <source>Copy the report, to send it to somebody</source>
        <translation>复制报告，以便发送给他人</translation>
    </message>
    <message>
        <source>Close; the report stays in the folder of the log</source>
        <translation>关闭；报告保留在日志文件夹中</translation>
    </message>
    <message>
        <source>{0} cannot be read any more.</source>
        <translation>{0} 已无法读取。</translation>
    </message>
    <message>
        <source>Export</source>
        <translation>导出</translation>
    </message>
    <message>
        <source>Series {0} · {1}</source>
        <translation>序列 {0} · {1}</translation>
    </message>
    <message>
        <source>RESULTS AS DICOM</source>
        <translation>结果（DICOM）</translation>
    </message>
    <message>
        <source>Results of another series: choose that series, then export.</source>
        <translation>其他序列的结果：请选择该序列，然后导出。</translation>
    </message>
    <message>
        <source>SLICES AS PICTURES (DICOM SECONDARY CAPTURE AND PNG)</source>
        <translation>层面图片（DICOM SECONDARY CAPTURE 和 PNG）</translation>
    </message>
    <message>
        <source>None</source>
        <translation>无</translation>
    </message>
    <message>
        <source>FINDINGS AND VERDICTS (CSV, JSON AND DICOM REPORT)</source>
        <translation>发现与判定（CSV、JSON 和 DICOM 报告）</translation>
    </message>
    <message>
        <source>KEY IMAGES (DICOM KEY OBJECT SELECTION)</source>
        <translation>关键图像（DICOM KEY OBJECT SELECTION）</translation>
    </message>
    <message>
        <source>Key images of another series: choose that series, then export.</source>
        <translation>其他序列的关键图像：请选择该序列，然后导出。</translation>
    </message>
    <message>
        <source>MEASUREMENTS (CSV AND DICOM REPORT)</source>
        <translation>测量（CSV 和 DICOM 报告）</translation>
    </message>
    <message>
        <source>The key image of this series</source>
        <translation>本序列的关键图像</translation>
    </message>
    <message>
        <source>The {0} key images of this series</source>
        <translation>本序列的 {0} 张关键图像</translation>
    </message>
    <message>
        <source>Slice on screen</source>
        <translation>屏幕上的层面</translation>
    </message>
    <message>
        <source>Every slice above a heat map&apos;s threshold</source>
        <translation>高于热图阈值的每一层面</translation>
    </message>
    <message>
        <source>Every slice on which {0} reaches its threshold ({1})</source>
        <translation>{0} 达到其阈值（{1}）的每一层面</translation>
    </message>
    <message>
        <source>Slice {0} of {1} (simulated)</source>
        <translation>第 {0}/{1} 层（模拟）</translation>
    </message>
    <message>
        <source>Slice {0} of {1} (synthetic)</source>
        <translation>第 {0}/{1} 层（合成）</translation>
    </message>
    <message>
        <source>Slice {0} of {1}</source>
        <translation>第 {0}/{1} 层</translation>
    </message>
    <message>
        <source>Write the chosen results</source>
        <translation>写出所选结果</translation>
    </message>
    <message>
        <source> (not finished: only its finished slices)</source>
        <translation>（未完成：仅含已完成的层面）</translation>
    </message>
    <message>
        <source>The measurement</source>
        <translation>测量</translation>
    </message>
    <message>
        <source>The {0} measurements</source>
        <translation>{0} 项测量</translation>
    </message>
    <message>
        <source>{0} of this study</source>
        <translation>本检查的{0}</translation>
    </message>
    <message>
        <source>one figure</source>
        <translation>一个图形</translation>
    </message>
    <message>
        <source>{0} figures</source>
        <translation>{0} 个图形</translation>
    </message>
    <message>
        <source>{0}, {1} in place of the original</source>
        <translation>{0}，以 {1} 代替原始图像</translation>
    </message>
    <message>
        <source>{0}, with {1} drawn on it</source>
        <translation>{0}，其上绘有{1}</translation>
    </message>
    <message>
        <source>{0}, with nothing drawn on it</source>
        <translation>{0}，其上无任何绘制</translation>
    </message>
    <message>
        <source>{0}, with the results that are visible drawn on it</source>
        <translation>{0}，其上绘有可见的结果</translation>
    </message>
    <message>
        <source>{0}, and {1}</source>
        <translation>{0}，以及{1}</translation>
    </message>
    <message>
        <source>Drawn on it:</source>
        <translation>其上绘有：</translation>
    </message>
    <message>
        <source>Made from another series, not drawn:</source>
        <translation>来自其他序列，未绘制：</translation>
    </message>
    <message>
        <source>The report could not be made.</source>
        <translation>无法生成报告。</translation>
    </message>
    <message>
        <source>Something unexpected went wrong, and not everything was written.</source>
        <translation>发生意外错误，并非所有内容都已写出。</translation>
    </message>
    <message>
        <source>Nothing was written.</source>
        <translation>未写出任何内容。</translation>
    </message>
    <message>
        <source>Wrote 1 file to {1}.</source>
        <translation>已将 1 个文件写入 {1}。</translation>
    </message>
    <message>
        <source>Wrote {0} files to {1}.</source>
        <translation>已将 {0} 个文件写入 {1}。</translation>
    </message>
    <message>
        <source>No archive is set up yet; Archives… in the menu does that.</source>
        <translation>尚未设置归档；可在菜单的“归档…”中设置。</translation>
    </message>
    <message>
        <source>The archive gets them with the patient&apos;s identity, so that they join the study that they were made from.</source>
        <translation>归档收到的内容带有患者身份，以便归入其来源检查。</translation>
    </message>
    <message>
        <source>FOLDER</source>
        <translation>文件夹</translation>
    </message>
    <message>
        <source>Folder to write to</source>
        <translation>目标文件夹</translation>
    </message>
    <message>
        <source>Choose a folder; report, films and pictures need one</source>
        <translation>请选择文件夹；报告、影片和图片需要文件夹</translation>
    </message>
    <message>
        <source>Choose a folder to write to</source>
        <translation>选择目标文件夹</translation>
    </message>
    <message>
        <source>ARCHIVE</source>
        <translation>归档</translation>
    </message>
    <message>
        <source>Send what is DICOM to</source>
        <translation>将 DICOM 内容发送至</translation>
    </message>
    <message>
        <source>Archive to send to</source>
        <translation>目标归档</translation>
    </message>
    <message>
        <source>Export to</source>
        <translation>导出到</translation>
    </message>
    <message>
        <source>DICOM files and the report carry a pseudonym and new identifiers, the same for all that is exported until the program ends; your reasons for verdicts are left out. Everything synthetic is marked in them.</source>
        <translation>DICOM 文件和报告使用假名和新的标识号，在程序结束前导出的所有内容中保持一致；您的判定理由不包含在内。其中所有合成内容均有标记。</translation>
    </message>
    <message>
        <source>DICOM files and the report carry the patient&apos;s identity; pictures, films and lists of findings do not. Everything synthetic is marked in them.</source>
        <translation>DICOM 文件和报告带有患者身份；图片、影片和发现列表则不带。其中所有合成内容均有标记。</translation>
    </message>
    <message>
        <source>Without the patient&apos;s identity (DICOM PS3.15, Basic profile)</source>
        <translation>不含患者身份（DICOM PS3.15 基本配置）</translation>
    </message>
    <message>
        <source>What goes?</source>
        <translation>去除哪些内容？</translation>
    </message>
    <message>
        <source>List the attributes that are removed or replaced</source>
        <translation>列出被删除或替换的属性</translation>
    </message>
    <message>
        <source>What goes could not be listed.</source>
        <translation>无法列出被去除的内容。</translation>
    </message>
    <message>
        <source>{0}. Private attributes are never copied.</source>
        <translation>{0}。私有属性从不复制。</translation>
    </message>
    <message>
        <source>REPORT (PDF)</source>
        <translation>报告（PDF）</translation>
    </message>
    <message>
        <source>Report on this study</source>
        <translation>本检查的报告</translation>
    </message>
    <message>
        <source>Preview</source>
        <translation>预览</translation>
    </message>
    <message>
        <source>See the pages of the report before they are written</source>
        <translation>写出之前查看报告各页</translation>
    </message>
    <message>
        <source>Pictures, findings with verdicts, volumes, measurements, and what the models&apos; cards say.</source>
        <translation>图像、带判定的发现、体积、测量以及模型卡的内容。</translation>
    </message>
    <message>
        <source>FILMS OF SYNTHETIC IMAGES</source>
        <translation>合成图像的影片</translation>
    </message>
    <message>
        <source>Films as {0}</source>
        <translation>{0} 影片</translation>
    </message>
    <message>
        <source>{0}: slice after slice, the mark in every frame.</source>
        <translation>{0}：逐层播放，每帧都有标记。</translation>
    </message>
    <message>
        <source>What is exported, and how</source>
        <translation>导出内容与方式</translation>
    </message>
    <message>
        <source>{0} accepted</source>
        <translation>接受 {0} 个</translation>
    </message>
    <message>
        <source>{0} rejected</source>
        <translation>拒绝 {0} 个</translation>
    </message>
    <message>
        <source>1 finding</source>
        <translation>1 个发现</translation>
    </message>
    <message>
        <source>{0} findings</source>
        <translation>{0} 个发现</translation>
    </message>
    <message>
        <source>none judged yet</source>
        <translation>均未判定</translation>
    </message>
    <message>
        <source>The active pane does not show this series.</source>
        <translation>活动窗格未显示此序列。</translation>
    </message>
    <message>
        <source>The active pane shows {0}; a picture can be made only of a slice as it was acquired.</source>
        <translation>活动窗格显示的是{0}；只能由采集的原始层面生成图片。</translation>
    </message>
    <message>
        <source>The slice on screen has not been read.</source>
        <translation>屏幕上的层面尚未读取。</translation>
    </message>
    <message>
        <source>{0} is not computed on the slice on screen.</source>
        <translation>{0} 在屏幕上的层面尚未计算。</translation>
    </message>
    <message>
        <source>a turned {0} plane cut through the volume</source>
        <translation>旋转的{0}切面</translation>
    </message>
    <message>
        <source>a {0} plane cut through the volume</source>
        <translation>{0}切面</translation>
    </message>
    <message>
        <source>a turned {0} slab cut through the volume</source>
        <translation>旋转的{0}厚层</translation>
    </message>
    <message>
        <source>a {0} slab cut through the volume</source>
        <translation>{0}厚层</translation>
    </message>
    <message>
        <source>{0} reaches its threshold on no slice.</source>
        <translation>{0} 在任何层面都未达到阈值。</translation>
    </message>
    <message>
        <source>One key image is on another series; select that and export again for its list.</source>
        <translation>一幅关键图像在另一序列上；请选择该序列再次导出其列表。</translation>
    </message>
    <message>
        <source>{0} key images are on another series; select that and export again for its list.</source>
        <translation>{0} 幅关键图像在另一序列上；请选择该序列再次导出其列表。</translation>
    </message>
    <message>
        <source>One measurement is in the table alone: its series is not open.</source>
        <translation>一项测量仅在表格中：其序列未打开。</translation>
    </message>
    <message>
        <source>{0} measurements are in the table alone: its series is not open.</source>
        <translation>{0} 项测量仅在表格中：其序列未打开。</translation>
    </message>
    <message>
        <source>Not all was sent to {0}. {1}</source>
        <translation>并非所有内容都已发送至 {0}。{1}</translation>
    </message>
    <message>
        <source>{0} took 1 DICOM object.</source>
        <translation>{0} 接收了 1 个 DICOM 对象。</translation>
    </message>
    <message>
        <source>{0} took {1} DICOM objects.</source>
        <translation>{0} 接收了 {1} 个 DICOM 对象。</translation>
    </message>
    <message>
        <source>Models (*.onnx *.zip);;All files (*)</source>
        <translation>模型 (*.onnx *.zip);;所有文件 (*)</translation>
    </message>
    <message>
        <source>An ONNX file, a MONAI bundle as a folder or zip, or an archive of whole models. What a network&apos;s file does not say, such as the region, the pixel size and what the output means, stands in a description: write a template and fill it in.</source>
        <translation>ONNX 文件、文件夹或 zip 形式的 MONAI 包，或包含完整模型的压缩包。网络文件中没有的信息，例如部位、像素大小和输出的含义，写在一份描述中：请生成模板并填写。</translation>
    </message>
    <message>
        <source>Import model</source>
        <translation>导入模型</translation>
    </message>
    <message>
        <source>MODEL</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>ONNX file, MONAI bundle or archive of models</source>
        <translation>ONNX 文件、MONAI 包或模型压缩包</translation>
    </message>
    <message>
        <source>File…</source>
        <translation>文件…</translation>
    </message>
    <message>
        <source>Folder…</source>
        <translation>文件夹…</translation>
    </message>
    <message>
        <source>DESCRIPTION (TOML)</source>
        <translation>描述（TOML）</translation>
    </message>
    <message>
        <source>None: the file describes itself</source>
        <translation>无：文件自带描述</translation>
    </message>
    <message>
        <source>Template…</source>
        <translation>模板…</translation>
    </message>
    <message>
        <source>NAME OF ITS FOLDER</source>
        <translation>模型文件夹的名称</translation>
    </message>
    <message>
        <source>Named after the file</source>
        <translation>按文件命名</translation>
    </message>
    <message>
        <source>Open the file and run it once</source>
        <translation>打开文件并试运行一次</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>MONAI bundle</source>
        <translation>MONAI 包</translation>
    </message>
    <message>
        <source>Description</source>
        <translation>描述</translation>
    </message>
    <message>
        <source>TOML (*.toml)</source>
        <translation>TOML (*.toml)</translation>
    </message>
    <message>
        <source>Template</source>
        <translation>模板</translation>
    </message>
    <message>
        <source>Fill in the template with a text editor, then check.</source>
        <translation>请用文本编辑器填写模板，然后检查。</translation>
    </message>
    <message>
        <source>Add</source>
        <translation>添加</translation>
    </message>
    <message>
        <source>Opening the file in a process of its own…</source>
        <translation>正在独立进程中打开文件…</translation>
    </message>
    <message>
        <source>Research use only.</source>
        <translation>仅供研究使用。</translation>
    </message>
    <message>
        <source>The file could not be checked ({0}).</source>
        <translation>无法检查该文件（{0}）。</translation>
    </message>
    <message>
        <source>Its numbers are on its card.</source>
        <translation>其指标见模型卡。</translation>
    </message>
    <message>
        <source>Not evaluated: how well it does, and for whom, is not known.</source>
        <translation>未评估：其效果如何、对哪些人有效，尚不清楚。</translation>
    </message>
    <message>
        <source>{0}: {1}; {2}; licence: {3}.
{4}</source>
        <translation>{0}：{1}；{2}；许可：{3}。
{4}</translation>
    </message>
    <message>
        <source>Report</source>
        <translation>报告</translation>
    </message>
    <message>
        <source>Page {0} of {1}</source>
        <translation>第 {0} 页，共 {1} 页</translation>
    </message>
    <message>
        <source>Model card: {0}</source>
        <translation>模型卡：{0}</translation>
    </message>
    <message>
        <source>Tools</source>
        <translation>工具</translation>
    </message>
    <message>
        <source>File</source>
        <translation>文件</translation>
    </message>
    <message>
        <source>Edit</source>
        <translation>编辑</translation>
    </message>
    <message>
        <source>Image</source>
        <translation>图像</translation>
    </message>
    <message>
        <source>Findings</source>
        <translation>发现</translation>
    </message>
    <message>
        <source>Compare</source>
        <translation>比较</translation>
    </message>
    <message>
        <source>Slab</source>
        <translation>厚层</translation>
    </message>
    <message>
        <source>Cine</source>
        <translation>电影</translation>
    </message>
    <message>
        <source>Layout</source>
        <translation>布局</translation>
    </message>
    <message>
        <source>View</source>
        <translation>视图</translation>
    </message>
    <message>
        <source>Help</source>
        <translation>帮助</translation>
    </message>
    <message>
        <source>Segment</source>
        <translation>分割</translation>
    </message>
    <message>
        <source>hold {0}</source>
        <translation>按住 {0}</translation>
    </message>
    <message>
        <source>Shows what generative models make of a scan, beside the scan.</source>
        <translation>在扫描图像旁显示生成模型由它得到的结果。</translation>
    </message>
    <message>
        <source>**Research use only. Not a medical device, not for diagnosis.** Every synthetic pixel carries a violet mark on screen and in every export. Everything is computed on this computer; nothing is sent anywhere.</source>
        <translation>**仅供研究使用。不是医疗器械，不用于诊断。**每个合成像素在屏幕上和所有导出中都带有紫色标记。所有计算都在本机进行；不会发送任何内容。</translation>
    </message>
    <message>
        <source>Apache License 2.0. Each model has a licence of its own on its card.</source>
        <translation>Apache 许可证 2.0。每个模型的许可见其模型卡。</translation>
    </message>
    <message>
        <source>About MedGAN Viewer</source>
        <translation>关于 MedGAN Viewer</translation>
    </message>
    <message>
        <source>The findings could not be listed; the heat map itself is unharmed.</source>
        <translation>无法列出发现；热图本身未受影响。</translation>
    </message>
    <message>
        <source>Open…</source>
        <translation>打开…</translation>
    </message>
    <message>
        <source>Menu</source>
        <translation>菜单</translation>
    </message>
    <message>
        <source>Everything the program can do</source>
        <translation>程序的所有功能</translation>
    </message>
    <message>
        <source>Open a study</source>
        <translation>打开检查</translation>
    </message>
    <message>
        <source>Drop DICOM or NIfTI files or a folder here. Nothing leaves this computer on its own.</source>
        <translation>将 DICOM 或 NIfTI 文件或文件夹拖到这里。任何内容都不会自行离开本机。</translation>
    </message>
    <message>
        <source>Try the virtual patient</source>
        <translation>试用虚拟患者</translation>
    </message>
    <message>
        <source>A head made by the program&apos;s own generator; it belongs to nobody</source>
        <translation>由程序自带的生成器制作的头部；不属于任何人</translation>
    </message>
    <message>
        <source>Research use only. Not for diagnosis.</source>
        <translation>仅供研究使用。不用于诊断。</translation>
    </message>
    <message>
        <source>Head CT: brain and bone</source>
        <translation>头部 CT：脑和骨</translation>
    </message>
    <message>
        <source>Brain MR: T1, T2, FLAIR, contrast</source>
        <translation>脑部 MR：T1、T2、FLAIR、增强</translation>
    </message>
    <message>
        <source>Original | synthetic</source>
        <translation>原始 | 合成</translation>
    </message>
    <message>
        <source>Original | overlay | heat map | findings</source>
        <translation>原始 | 叠加 | 热图 | 发现</translation>
    </message>
    <message>
        <source>Hanging protocols</source>
        <translation>挂片协议</translation>
    </message>
    <message>
        <source>Name of the hanging protocol:</source>
        <translation>挂片协议的名称：</translation>
    </message>
    <message>
        <source>Save this layout</source>
        <translation>保存此布局</translation>
    </message>
    <message>
        <source>The hanging protocol could not be written ({0}).</source>
        <translation>无法写入挂片协议（{0}）。</translation>
    </message>
    <message>
        <source>Saved; it is in the menu of layouts, under hanging protocols.</source>
        <translation>已保存；位于布局菜单的挂片协议中。</translation>
    </message>
    <message>
        <source>The measurements and key images kept of this study cannot be read; their file was put aside ({0}).</source>
        <translation>无法读取为此检查保留的测量和关键图像；其文件已移到一旁（{0}）。</translation>
    </message>
    <message>
        <source>the log has the details</source>
        <translation>详情见日志</translation>
    </message>
    <message>
        <source>Measurements and key images could not be kept on disk: {0}</source>
        <translation>测量和关键图像无法保存到磁盘：{0}</translation>
    </message>
    <message>
        <source>A key image is a slice as it was acquired; the active pane shows none, or a cut through them.</source>
        <translation>关键图像是采集的原始层面；活动窗格未显示层面，或显示的是切面。</translation>
    </message>
    <message>
        <source>Right click</source>
        <translation>右键单击</translation>
    </message>
    <message>
        <source>Shift + move</source>
        <translation>Shift + 移动</translation>
    </message>
    <message>
        <source>Ring on a line of MPR</source>
        <translation>MPR 线上的圆环</translation>
    </message>
    <message>
        <source>Drag it to turn the planes</source>
        <translation>拖动以旋转平面</translation>
    </message>
    <message>
        <source>vanishing gradient</source>
        <translation>梯度消失</translation>
    </message>
    <message>
        <source>discriminator too strong</source>
        <translation>判别器过强</translation>
    </message>
    <message>
        <source>memorising</source>
        <translation>记忆训练数据</translation>
    </message>
    <message>
        <source>mode collapse</source>
        <translation>模式坍塌</translation>
    </message>
    <message>
        <source>oscillation</source>
        <translation>振荡</translation>
    </message>
    <message>
        <source>{0} (steps {1})</source>
        <translation>{0}（步 {1}）</translation>
    </message>
    <message>
        <source>Earlier, and over: {0}</source>
        <translation>先前已结束：{0}</translation>
    </message>
    <message>
        <source>Alarm: {0} {1}</source>
        <translation>警报：{0} {1}</translation>
    </message>
    <message>
        <source>{0} · since step {1:,}</source>
        <translation>{0} · 自第 {1:,} 步起</translation>
    </message>
    <message>
        <source>What to try: {0}</source>
        <translation>可尝试：{0}</translation>
    </message>
    <message>
        <source>Losses</source>
        <translation>损失</translation>
    </message>
    <message>
        <source>generator</source>
        <translation>生成器</translation>
    </message>
    <message>
        <source>discriminator</source>
        <translation>判别器</translation>
    </message>
    <message>
        <source>Gradient norms</source>
        <translation>梯度范数</translation>
    </message>
    <message>
        <source>adversarial</source>
        <translation>对抗</translation>
    </message>
    <message>
        <source>reconstruction</source>
        <translation>重建</translation>
    </message>
    <message>
        <source>Discriminator is right (share)</source>
        <translation>判别器判断正确（比例）</translation>
    </message>
    <message>
        <source>train</source>
        <translation>训练集</translation>
    </message>
    <message>
        <source>held out</source>
        <translation>留出集</translation>
    </message>
    <message>
        <source>generated</source>
        <translation>生成的</translation>
    </message>
    <message>
        <source>Similarity of pairs, coverage</source>
        <translation>成对相似度、覆盖率</translation>
    </message>
    <message>
        <source>real</source>
        <translation>真实</translation>
    </message>
    <message>
        <source>coverage</source>
        <translation>覆盖率</translation>
    </message>
    <message>
        <source>not measured yet</source>
        <translation>尚未测量</translation>
    </message>
    <message>
        <source>nothing measured yet</source>
        <translation>尚无测量</translation>
    </message>
    <message>
        <source>{0} left</source>
        <translation>剩余 {0}</translation>
    </message>
    <message>
        <source>step {0} of {1}</source>
        <translation>第 {0} 步，共 {1} 步</translation>
    </message>
    <message>
        <source>starting</source>
        <translation>正在启动</translation>
    </message>
    <message>
        <source>running</source>
        <translation>运行中</translation>
    </message>
    <message>
        <source>paused</source>
        <translation>已暂停</translation>
    </message>
    <message>
        <source>stopped, can go on</source>
        <translation>已停止，可继续</translation>
    </message>
    <message>
        <source>interrupted, can go on from its checkpoint</source>
        <translation>已中断，可从检查点继续</translation>
    </message>
    <message>
        <source>finished</source>
        <translation>已完成</translation>
    </message>
    <message>
        <source>failed</source>
        <translation>失败</translation>
    </message>
    <message>
        <source>Hold the training after its present step, with a checkpoint</source>
        <translation>在当前步之后暂停训练，并保存检查点</translation>
    </message>
    <message>
        <source>Resume</source>
        <translation>继续</translation>
    </message>
    <message>
        <source>Go on</source>
        <translation>继续训练</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>停止</translation>
    </message>
    <message>
        <source>Save a checkpoint and end; the training can go on later</source>
        <translation>保存检查点并结束；以后可继续训练</translation>
    </message>
    <message>
        <source>Steps done</source>
        <translation>已完成的步数</translation>
    </message>
    <message>
        <source>Pausing…</source>
        <translation>正在暂停…</translation>
    </message>
    <message>
        <source>Stopping…</source>
        <translation>正在停止…</translation>
    </message>
    <message>
        <source>Starting…</source>
        <translation>正在启动…</translation>
    </message>
    <message>
        <source>step {0:,} of {1:,}</source>
        <translation>第 {0:,} 步，共 {1:,} 步</translation>
    </message>
    <message>
        <source>{0:.1f} images/s</source>
        <translation>{0:.1f} 幅/秒</translation>
    </message>
    <message>
        <source>{0} trained</source>
        <translation>已训练 {0}</translation>
    </message>
    <message>
        <source>stopped</source>
        <translation>已停止</translation>
    </message>
    <message>
        <source>interrupted</source>
        <translation>已中断</translation>
    </message>
    <message>
        <source>Training {0}, {1}</source>
        <translation>训练 {0}，{1}</translation>
    </message>
    <message>
        <source>TRAININGS</source>
        <translation>训练</translation>
    </message>
    <message>
        <source>Choose the folder that trainings are kept in</source>
        <translation>选择存放训练的文件夹</translation>
    </message>
    <message>
        <source>Start a recipe…</source>
        <translation>启动配方…</translation>
    </message>
    <message>
        <source>Choose a recipe and train it</source>
        <translation>选择配方并训练</translation>
    </message>
    <message>
        <source>FIXED SAMPLES</source>
        <translation>固定样本</translation>
    </message>
    <message>
        <source>Samples over time</source>
        <translation>样本随时间的变化</translation>
    </message>
    <message>
        <source>Samples over time; at the right end the newest</source>
        <translation>样本随时间的变化；最右端为最新</translation>
    </message>
    <message>
        <source>No samples yet.</source>
        <translation>尚无样本。</translation>
    </message>
    <message>
        <source>This training has no samples.</source>
        <translation>此训练没有样本。</translation>
    </message>
    <message>
        <source>step {0:,}</source>
        <translation>第 {0:,} 步</translation>
    </message>
    <message>
        <source>The samples of this step cannot be read.</source>
        <translation>无法读取此步的样本。</translation>
    </message>
    <message>
        <source>the folder cannot be written</source>
        <translation>文件夹不可写</translation>
    </message>
    <message>
        <source>The training could not be started: {0}.</source>
        <translation>无法启动训练：{0}。</translation>
    </message>
    <message>
        <source>The training was ended from outside before it began; memory may have run short.</source>
        <translation>训练在开始前被外部终止；可能是内存不足。</translation>
    </message>
    <message>
        <source>The training ended at once and said nothing.</source>
        <translation>训练立即结束，未给出任何信息。</translation>
    </message>
    <message>
        <source>Lab · MedGAN Viewer</source>
        <translation>实验室 · MedGAN Viewer</translation>
    </message>
    <message>
        <source>Recipe of this training</source>
        <translation>此训练的配方</translation>
    </message>
    <message>
        <source>Choose a folder…</source>
        <translation>选择文件夹…</translation>
    </message>
    <message>
        <source>RECIPE</source>
        <translation>配方</translation>
    </message>
    <message>
        <source>Looking for trainings…</source>
        <translation>正在查找训练…</translation>
    </message>
    <message>
        <source>No training here yet</source>
        <translation>这里还没有训练</translation>
    </message>
    <message>
        <source>A training is started from a recipe: a TOML file that names data, networks, objective and schedule. It runs in a process of its own and goes on when this window is closed.</source>
        <translation>训练由配方启动：配方是一个 TOML 文件，指定数据、网络、目标函数和进度安排。训练在独立进程中运行，关闭此窗口后仍会继续。</translation>
    </message>
    <message>
        <source>This folder cannot be read</source>
        <translation>无法读取此文件夹</translation>
    </message>
    <message>
        <source>Folder of the trainings</source>
        <translation>训练文件夹</translation>
    </message>
    <message>
        <source>Recipe to train</source>
        <translation>要训练的配方</translation>
    </message>
    <message>
        <source>Recipes (*.toml)</source>
        <translation>配方 (*.toml)</translation>
    </message>
    <message>
        <source>Training {0} is being started.</source>
        <translation>正在启动训练 {0}。</translation>
    </message>
    <message>
        <source>Choose how many panes there are</source>
        <translation>选择窗格数量</translation>
    </message>
    <message>
        <source>Layout: {0}</source>
        <translation>布局：{0}</translation>
    </message>
    <message>
        <source>Nothing could be opened{0}; choose a folder with DICOM or NIfTI files.</source>
        <translation>无法打开任何内容{0}；请选择包含 DICOM 或 NIfTI 文件的文件夹。</translation>
    </message>
    <message>
        <source>Something went wrong while reading; the log has the details.</source>
        <translation>读取时出错；详情见日志。</translation>
    </message>
    <message>
        <source>One slice</source>
        <translation>一个层面</translation>
    </message>
    <message>
        <source>{0} slices</source>
        <translation>{0} 层</translation>
    </message>
    <message>
        <source>{0} of this series could not be read; the list on the left names each and says why.</source>
        <translation>此序列有{0}无法读取；左侧列表逐一列出并说明原因。</translation>
    </message>
    <message>
        <source>Reading the folder…</source>
        <translation>正在读取文件夹…</translation>
    </message>
    <message>
        <source>{0}: finished, in the list on the left under Results.</source>
        <translation>{0}：已完成，见左侧列表的“结果”。</translation>
    </message>
    <message>
        <source>The presets are in HU and this image is not; press 0 for an automatic window.</source>
        <translation>预设窗以 HU 为单位，而此图像不是；按 0 使用自动窗宽/窗位。</translation>
    </message>
    <message>
        <source>Delete {0}</source>
        <translation>删除 {0}</translation>
    </message>
    <message>
        <source>Rename {0}</source>
        <translation>重命名 {0}</translation>
    </message>
    <message>
        <source>Show {0} in the pane</source>
        <translation>在窗格中显示 {0}</translation>
    </message>
    <message>
        <source>Open a folder with studies</source>
        <translation>打开包含检查的文件夹</translation>
    </message>
    <message>
        <source>sharpness</source>
        <translation>锐度</translation>
    </message>
    <message>
        <source>strength</source>
        <translation>强度</translation>
    </message>
    <message>
        <source>{0} of {1}, from {2} to {3}</source>
        <translation>{1} 的{0}，从 {2} 到 {3}</translation>
    </message>
    <message>
        <source>Draw the doubt of {0} over its images</source>
        <translation>在图像上绘制 {0} 的不确定度</translation>
    </message>
    <message>
        <source>Show how far off {0} may be</source>
        <translation>显示 {0} 可能的偏差</translation>
    </message>
    <message>
        <source>All {0}</source>
        <translation>全部 {0}</translation>
    </message>
    <message>
        <source>List all findings: {0}</source>
        <translation>列出所有发现：{0}</translation>
    </message>
    <message>
        <source>Open {0}</source>
        <translation>未判定 {0}</translation>
    </message>
    <message>
        <source>List open findings: {0}</source>
        <translation>列出未判定的发现：{0}</translation>
    </message>
    <message>
        <source>Accepted {0}</source>
        <translation>已接受 {0}</translation>
    </message>
    <message>
        <source>List accepted findings: {0}</source>
        <translation>列出已接受的发现：{0}</translation>
    </message>
    <message>
        <source>Rejected {0}</source>
        <translation>已拒绝 {0}</translation>
    </message>
    <message>
        <source>List rejected findings: {0}</source>
        <translation>列出已拒绝的发现：{0}</translation>
    </message>
    <message>
        <source>Say why finding {0} was rejected</source>
        <translation>说明为何拒绝发现 {0}</translation>
    </message>
    <message>
        <source>1 in {0} healthy people shows as much</source>
        <translation>每 {0} 名健康人中有 1 名同样明显</translation>
    </message>
    <message>
        <source>healthy people often show as much</source>
        <translation>健康人也常有同样表现</translation>
    </message>
    <message>
        <source>score {0}, not calibrated on healthy people</source>
        <translation>评分 {0}，未用健康人校准</translation>
    </message>
    <message>
        <source>at most 1 in {0} healthy people shows as much</source>
        <translation>{0} 名健康人中至多 1 人有同样程度的表现</translation>
    </message>
    <message>
        <source>{0} (reference)</source>
        <translation>{0}（参考）</translation>
    </message>
    <message>
        <source>Score {0}: it runs from 0 to 1 and is no probability.</source>
        <translation>评分 {0}：范围为 0 到 1，不是概率。</translation>
    </message>
    <message>
        <source>{0} (lowered from {1})</source>
        <translation>{0}（由 {1} 降低）</translation>
    </message>
    <message>
        <source>{0} (raised from {1})</source>
        <translation>{0}（由 {1} 提高）</translation>
    </message>
    <message>
        <source>1 finding above the threshold.</source>
        <translation>1 个发现高于阈值。</translation>
    </message>
    <message>
        <source>{0} findings, each above the threshold of its model.</source>
        <translation>{0} 个发现，各自高于其模型的阈值。</translation>
    </message>
    <message>
        <source>{0} findings above the threshold.</source>
        <translation>{0} 个发现高于阈值。</translation>
    </message>
    <message>
        <source>{0} Listed from {1}.</source>
        <translation>{0}列出评分不低于 {1} 者。</translation>
    </message>
    <message>
        <source>No findings in this study: run an anomaly model first.</source>
        <translation>此检查中没有发现：请先运行异常检测模型。</translation>
    </message>
    <message>
        <source>No finding is listed under this choice; “All”, left of the findings, lists them.</source>
        <translation>此选择下没有列出的发现；发现列表左侧的“全部”可列出它们。</translation>
    </message>
    <message>
        <source>No finding so far; the model is still at work.</source>
        <translation>目前没有发现；模型仍在运行。</translation>
    </message>
    <message>
        <source>No finding so far; they are still being listed.</source>
        <translation>目前没有发现；仍在列出。</translation>
    </message>
    <message>
        <source>No finding above the threshold; “List less certain ones”, below the images, lowers it.</source>
        <translation>没有高于阈值的发现；图像下方的“列出较不确定的发现”可降低阈值。</translation>
    </message>
    <message>
        <source>{0} Measured on {1}.</source>
        <translation>{0} 测量对象：{1}。</translation>
    </message>
    <message>
        <source>{0} It is not calibrated.</source>
        <translation>{0} 未经校准。</translation>
    </message>
    <message>
        <source>{0} · slice {1} · {2:.1f} ml</source>
        <translation>{0} · 第 {1} 层 · {2:.1f} ml</translation>
    </message>
    <message>
        <source>Accept finding {0} (Enter)</source>
        <translation>接受发现 {0}（Enter）</translation>
    </message>
    <message>
        <source>Reject</source>
        <translation>拒绝</translation>
    </message>
    <message>
        <source>Reject finding {0} (Del)</source>
        <translation>拒绝发现 {0}（Del）</translation>
    </message>
    <message>
        <source>Why…</source>
        <translation>理由…</translation>
    </message>
    <message>
        <source>Note…</source>
        <translation>备注…</translation>
    </message>
    <message>
        <source>Write a note on finding {0}</source>
        <translation>为发现 {0} 写备注</translation>
    </message>
    <message>
        <source>Note on finding {0}. It is exported with the verdict, except where identity is taken out; name nobody.</source>
        <translation>发现 {0} 的备注。备注随判定一起导出，去除身份信息时除外；请勿写入姓名。</translation>
    </message>
    <message>
        <source>Why was finding {0} rejected? It is exported with the verdict, except where identity is taken out; name nobody.</source>
        <translation>为何拒绝发现 {0}？理由随判定一起导出，去除身份信息时除外；请勿写入姓名。</translation>
    </message>
    <message>
        <source>Say why finding {0} was judged so</source>
        <translation>说明为何如此判定发现 {0}</translation>
    </message>
    <message>
        <source>Finding {0}, slice {1}</source>
        <translation>发现 {0}，第 {1} 层</translation>
    </message>
    <message>
        <source>Accepted</source>
        <translation>已接受</translation>
    </message>
    <message>
        <source>Rejected</source>
        <translation>已拒绝</translation>
    </message>
    <message>
        <source>Choose a finding first; N goes to the next one.</source>
        <translation>请先选择一个发现；按 N 转到下一个。</translation>
    </message>
    <message>
        <source>Finding {0}</source>
        <translation>发现 {0}</translation>
    </message>
    <message>
        <source>No finding above the threshold. This does not mean healthy.</source>
        <translation>没有超过阈值的发现。这不表示健康。</translation>
    </message>
    <message>
        <source>Histogram of {0}{1}: {2} to {3} {4}</source>
        <translation>{0}{1} 的直方图：{2} 至 {3} {4}</translation>
    </message>
    <message>
        <source>Key image · slice {0}</source>
        <translation>关键图像 · 第 {0} 层</translation>
    </message>
    <message>
        <source>Take the mark of slice {0} away</source>
        <translation>取消第 {0} 层的标记</translation>
    </message>
    <message>
        <source>Key image, {0}, slice {1}</source>
        <translation>关键图像，{0}，第 {1} 层</translation>
    </message>
    <message>
        <source>Draw {0} over the original</source>
        <translation>将 {0} 绘制在原始图像上</translation>
    </message>
    <message>
        <source>Remove {0} (can be undone)</source>
        <translation>移除 {0}（可撤销）</translation>
    </message>
    <message>
        <source>Opacity of {0}</source>
        <translation>{0} 的不透明度</translation>
    </message>
    <message>
        <source>Show {0}</source>
        <translation>显示 {0}</translation>
    </message>
    <message>
        <source>Hide {0}</source>
        <translation>隐藏 {0}</translation>
    </message>
    <message>
        <source>{0} of {1}</source>
        <translation>{0}（{1}）</translation>
    </message>
    <message>
        <source>Opacity</source>
        <translation>不透明度</translation>
    </message>
    <message>
        <source>Colour map of {0}</source>
        <translation>{0}的色图</translation>
    </message>
    <message>
        <source>Colour map</source>
        <translation>色图</translation>
    </message>
    <message>
        <source>Colours of {0}: 0 to {1}</source>
        <translation>{0} 的颜色：0 至 {1}</translation>
    </message>
    <message>
        <source>Fade the image where it is wide</source>
        <translation>范围较宽处淡化图像</translation>
    </message>
    <message>
        <source>Let the overlay of the image fade where {0} is wide</source>
        <translation>在 {0} 较宽处淡化叠加图像</translation>
    </message>
    <message>
        <source>Fading</source>
        <translation>淡化</translation>
    </message>
    <message>
        <source>No fading</source>
        <translation>不淡化</translation>
    </message>
    <message>
        <source>Threshold of {0}</source>
        <translation>{0} 的阈值</translation>
    </message>
    <message>
        <source>Threshold</source>
        <translation>阈值</translation>
    </message>
    <message>
        <source>healthy people</source>
        <translation>健康人</translation>
    </message>
    <message>
        <source>the reference patients</source>
        <translation>参考患者</translation>
    </message>
    <message>
        <source>Threshold: alarms in {0:.1%} of {1} (score {2})</source>
        <translation>阈值：{1}中 {0:.1%} 报警（评分 {2}）</translation>
    </message>
    <message>
        <source>Threshold: score {0}; not calibrated on healthy people</source>
        <translation>阈值：评分 {0}；未用健康人校准</translation>
    </message>
    <message>
        <source>Outline only</source>
        <translation>仅轮廓</translation>
    </message>
    <message>
        <source>Draw only the outlines of {0}</source>
        <translation>仅绘制 {0} 的轮廓</translation>
    </message>
    <message>
        <source>Draw in {0}</source>
        <translation>在 {0} 中绘制</translation>
    </message>
    <message>
        <source>3D</source>
        <translation>三维</translation>
    </message>
    <message>
        <source>Show the surfaces of {0}</source>
        <translation>显示 {0} 的表面</translation>
    </message>
    <message>
        <source>Volumes in {0} of {1} slices</source>
        <translation>{1} 层中 {0} 层的体积</translation>
    </message>
    <message>
        <source>Filled</source>
        <translation>填充</translation>
    </message>
    <message>
        <source>, measured on {0}</source>
        <translation>，测量对象：{0}</translation>
    </message>
    <message>
        <source>The rate is a reference and no guarantee for this scan{0}.</source>
        <translation>该比率仅供参考，不对此扫描作任何保证{0}。</translation>
    </message>
    <message>
        <source>{0}, begun {1:%d %b %Y %H:%M}</source>
        <translation>{0}，开始于 {1:%Y-%m-%d %H:%M}</translation>
    </message>
    <message>
        <source>{0} {1} · weights {2}…</source>
        <translation>{0} {1} · 权重 {2}…</translation>
    </message>
    <message>
        <source>Licence: {0}</source>
        <translation>许可：{0}</translation>
    </message>
    <message>
        <source>LAYERS</source>
        <translation>图层</translation>
    </message>
    <message>
        <source>PROVENANCE</source>
        <translation>来源</translation>
    </message>
    <message>
        <source>From series {0} {1}</source>
        <translation>来自序列 {0} {1}</translation>
    </message>
    <message>
        <source>Model card</source>
        <translation>模型卡</translation>
    </message>
    <message>
        <source>Read the card of {0}</source>
        <translation>阅读 {0} 的模型卡</translation>
    </message>
    <message>
        <source>Name of the measurement</source>
        <translation>测量的名称</translation>
    </message>
    <message>
        <source>Drawn on {0}</source>
        <translation>绘制于 {0}</translation>
    </message>
    <message>
        <source>Rename</source>
        <translation>重命名</translation>
    </message>
    <message>
        <source>Rename {0} (F2)</source>
        <translation>重命名 {0}（F2）</translation>
    </message>
    <message>
        <source>Delete {0} (can be undone)</source>
        <translation>删除 {0}（可撤销）</translation>
    </message>
    <message>
        <source>MEASUREMENTS</source>
        <translation>测量</translation>
    </message>
    <message>
        <source>Copy all measurements of this study as text</source>
        <translation>将本检查的所有测量复制为文本</translation>
    </message>
    <message>
        <source>Write them as a table and as a DICOM report</source>
        <translation>写成表格和 DICOM 报告</translation>
    </message>
    <message>
        <source>Done in {0:.1f} s</source>
        <translation>已完成，用时 {0:.1f} 秒</translation>
    </message>
    <message>
        <source>Done in {0:.1f} s on the processor</source>
        <translation>已在处理器上完成，用时 {0:.1f} 秒</translation>
    </message>
    <message>
        <source>Done in {0:.1f} s on the graphics card</source>
        <translation>已在显卡上完成，用时 {0:.1f} 秒</translation>
    </message>
    <message>
        <source>Done in {0:.1f} s on the Apple graphics</source>
        <translation>已在 Apple 图形处理器上完成，用时 {0:.1f} 秒</translation>
    </message>
    <message>
        <source>{0} s left</source>
        <translation>剩余 {0} 秒</translation>
    </message>
    <message>
        <source>{0} min left</source>
        <translation>剩余 {0} 分钟</translation>
    </message>
    <message>
        <source>Run</source>
        <translation>运行</translation>
    </message>
    <message>
        <source>Run {0} on the selected series</source>
        <translation>在所选序列上运行 {0}</translation>
    </message>
    <message>
        <source>Progress of {0}</source>
        <translation>{0} 的进度</translation>
    </message>
    <message>
        <source>Run anyway…</source>
        <translation>仍然运行…</translation>
    </message>
    <message>
        <source>Run {0} although the input check speaks against it</source>
        <translation>尽管输入检查不建议，仍运行 {0}</translation>
    </message>
    <message>
        <source>About this model</source>
        <translation>关于此模型</translation>
    </message>
    <message>
        <source>Run again</source>
        <translation>再次运行</translation>
    </message>
    <message>
        <source>Licence: {0}. Not for commercial use.</source>
        <translation>许可：{0}。不得用于商业用途。</translation>
    </message>
    <message>
        <source>Done</source>
        <translation>完成</translation>
    </message>
    <message>
        <source>Waiting until the series has been read</source>
        <translation>等待序列读取完成</translation>
    </message>
    <message>
        <source>Starting</source>
        <translation>正在启动</translation>
    </message>
    <message>
        <source>{0} of {1} slices</source>
        <translation>{0} / {1} 层</translation>
    </message>
    <message>
        <source>Cancelled · {0} of {1} slices kept</source>
        <translation>已取消 · 保留 {0} / {1} 层</translation>
    </message>
    <message>
        <source>Cancelled</source>
        <translation>已取消</translation>
    </message>
    <message>
        <source>What a classifier makes of the pixels; it can be wrong.</source>
        <translation>分类器根据像素得出的判断；可能有误。</translation>
    </message>
    <message>
        <source>MODELS FOR THIS SERIES</source>
        <translation>适用于此序列的模型</translation>
    </message>
    <message>
        <source>Choose a series to see which models fit it.</source>
        <translation>请选择序列以查看适用的模型。</translation>
    </message>
    <message>
        <source>No models are installed.</source>
        <translation>未安装任何模型。</translation>
    </message>
    <message>
        <source>Hide the others</source>
        <translation>隐藏其他模型</translation>
    </message>
    <message>
        <source>Why not the others ({0})?</source>
        <translation>其他模型为何不适用（{0}）？</translation>
    </message>
    <message>
        <source>The models that do not fit this series, and why not</source>
        <translation>不适用于此序列的模型及原因</translation>
    </message>
    <message>
        <source>{0} of its slices could not be read; results there show nothing.</source>
        <translation>其中 {0} 层无法读取；这些层面没有结果。</translation>
    </message>
    <message>
        <source>{0} y</source>
        <translation>{0} 岁</translation>
    </message>
    <message>
        <source>{0} months</source>
        <translation>{0} 个月</translation>
    </message>
    <message>
        <source>{0} weeks</source>
        <translation>{0} 周</translation>
    </message>
    <message>
        <source>{0} days</source>
        <translation>{0} 天</translation>
    </message>
    <message>
        <source>1 slice</source>
        <translation>1 层</translation>
    </message>
    <message>
        <source>{0} time points</source>
        <translation>{0} 个时间点</translation>
    </message>
    <message>
        <source> · {0} by hand</source>
        <translation> · 手工{0}</translation>
    </message>
    <message>
        <source>1 structure</source>
        <translation>1 个结构</translation>
    </message>
    <message>
        <source>{0} structures</source>
        <translation>{0} 个结构</translation>
    </message>
    <message>
        <source>research · heat map</source>
        <translation>研究 · 热图</translation>
    </message>
    <message>
        <source>research · how far off it may be</source>
        <translation>研究 · 可能的偏差</translation>
    </message>
    <message>
        <source>Patient {0} hidden</source>
        <translation>患者 {0} 已隐藏</translation>
    </message>
    <message>
        <source>STUDY</source>
        <translation>检查</translation>
    </message>
    <message>
        <source>Close this study and free its memory</source>
        <translation>关闭此检查并释放内存</translation>
    </message>
    <message>
        <source>Click to show it in the image you are working in, or drag it onto any image.</source>
        <translation>单击在您正在使用的图像中显示，或将其拖到任意图像上。</translation>
    </message>
    <message>
        <source>{0} · on file</source>
        <translation>{0} · 已存为文件</translation>
    </message>
    <message>
        <source>Click to show it over the images it belongs to.</source>
        <translation>单击将其显示在所属的图像上。</translation>
    </message>
    <message>
        <source>RESULTS</source>
        <translation>结果</translation>
    </message>
    <message>
        <source>Click to show it beside the original, or drag it onto any image.</source>
        <translation>单击在原始图像旁显示，或将其拖到任意图像上。</translation>
    </message>
    <message>
        <source>Click to draw it over its image, or drag it onto any image.</source>
        <translation>单击将其绘制在对应的图像上，或将其拖到任意图像上。</translation>
    </message>
    <message>
        <source>NOT OPENED</source>
        <translation>未打开</translation>
    </message>
    <message>
        <source>A file</source>
        <translation>一个文件</translation>
    </message>
    <message>
        <source>Show all {0}</source>
        <translation>显示全部 {0} 个</translation>
    </message>
    <message>
        <source>List every file that was not opened</source>
        <translation>列出所有未打开的文件</translation>
    </message>
    <message>
        <source>What was remembered of folders cannot be removed now; close other windows.</source>
        <translation>现在无法删除已记住的文件夹信息；请关闭其他窗口。</translation>
    </message>
    <message>
        <source> (series {0})</source>
        <translation>（序列 {0}）</translation>
    </message>
    <message>
        <source>{0} cannot be used here. {1}</source>
        <translation>{0} 在此无法使用。{1}</translation>
    </message>
    <message>
        <source>{0} takes one {1} as well and this study has several: {2}.</source>
        <translation>{0} 还需要一个 {1} 序列，而此检查有多个：{2}。</translation>
    </message>
    <message>
        <source>Open and read {0} first: {1} takes it as well.</source>
        <translation>请先打开并读取 {0}：{1} 也需要它。</translation>
    </message>
    <message>
        <source>Paint</source>
        <translation>绘制</translation>
    </message>
    <message>
        <source>Erase</source>
        <translation>擦除</translation>
    </message>
    <message>
        <source>Fill</source>
        <translation>填充</translation>
    </message>
    <message>
        <source>Open a series to draw on, and wait until all of it is there.</source>
        <translation>请打开要绘制的序列，并等待其完全读入。</translation>
    </message>
    <message>
        <source>{0} is hidden; show it to draw in it.</source>
        <translation>{0} 已隐藏；请先显示再绘制。</translation>
    </message>
    <message>
        <source>A segmentation is drawn on a series that is open, read to its end and not in colour.</source>
        <translation>分割只能绘制在已打开、读取完毕且非彩色的序列上。</translation>
    </message>
    <message>
        <source>Colour of {0}</source>
        <translation>{0} 的颜色</translation>
    </message>
    <message>
        <source>Lock {0}</source>
        <translation>锁定 {0}</translation>
    </message>
    <message>
        <source>Unlock {0}</source>
        <translation>解锁 {0}</translation>
    </message>
    <message>
        <source>Something went wrong between the slices; the log has the details.</source>
        <translation>层间处理出错；详情见日志。</translation>
    </message>
    <message>
        <source>Between the slices of {0} there is nothing left to fill.</source>
        <translation>{0} 的层间已没有可填充的内容。</translation>
    </message>
    <message>
        <source>Interpolate {0}</source>
        <translation>插值 {0}</translation>
    </message>
    <message>
        <source>Open a series to draw on.</source>
        <translation>请打开序列以便绘制。</translation>
    </message>
    <message>
        <source>{0} belongs to {1}: draw on that series.</source>
        <translation>{0} 属于 {1}：请在该序列上绘制。</translation>
    </message>
    <message>
        <source>Segmentations are drawn on the original, not on a synthetic image.</source>
        <translation>分割应绘制在原始图像上，而非合成图像上。</translation>
    </message>
    <message>
        <source>The slices of this series are uneven or tilted: draw in MPR, on its regular grid.</source>
        <translation>此序列的层面不均匀或倾斜：请在 MPR 中按其规则网格绘制。</translation>
    </message>
    <message>
        <source>These planes are turned: straighten the lines of MPR to draw.</source>
        <translation>这些平面已旋转：请摆正 MPR 线后绘制。</translation>
    </message>
    <message>
        <source>A slab shows more than one slice: go back to the plane alone to draw.</source>
        <translation>厚层包含多个层面：请返回单个平面绘制。</translation>
    </message>
    <message>
        <source>Orange</source>
        <translation>橙色</translation>
    </message>
    <message>
        <source>Sky</source>
        <translation>天蓝</translation>
    </message>
    <message>
        <source>Green</source>
        <translation>绿色</translation>
    </message>
    <message>
        <source>Yellow</source>
        <translation>黄色</translation>
    </message>
    <message>
        <source>Blue</source>
        <translation>蓝色</translation>
    </message>
    <message>
        <source>Vermilion</source>
        <translation>朱红</translation>
    </message>
    <message>
        <source>Rose</source>
        <translation>玫瑰色</translation>
    </message>
    <message>
        <source>Red</source>
        <translation>红色</translation>
    </message>
    <message>
        <source>Lime</source>
        <translation>黄绿</translation>
    </message>
    <message>
        <source>Cyan</source>
        <translation>青色</translation>
    </message>
    <message>
        <source>Sand</source>
        <translation>沙色</translation>
    </message>
    <message>
        <source>White</source>
        <translation>白色</translation>
    </message>
    <message>
        <source>Draw {0} of {1}</source>
        <translation>绘制 {1} 的 {0}</translation>
    </message>
    <message>
        <source>Lock {0}: no tool changes it</source>
        <translation>锁定 {0}：任何工具都不能更改</translation>
    </message>
    <message>
        <source>SEGMENTATION</source>
        <translation>分割</translation>
    </message>
    <message>
        <source>Put the tools away</source>
        <translation>收起工具</translation>
    </message>
    <message>
        <source>The segmentation that is drawn in</source>
        <translation>正在绘制的分割</translation>
    </message>
    <message>
        <source>New</source>
        <translation>新建</translation>
    </message>
    <message>
        <source>Diameter of the brush</source>
        <translation>画笔直径</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>大小</translation>
    </message>
    <message>
        <source>3D ball</source>
        <translation>三维球</translation>
    </message>
    <message>
        <source>Paint with a ball through the slices, not on this slice alone</source>
        <translation>用球形画笔跨层绘制，而不仅在此层</translation>
    </message>
    <message>
        <source>Lowest value that is painted on</source>
        <translation>可绘制的最低值</translation>
    </message>
    <message>
        <source>Highest value that is painted on</source>
        <translation>可绘制的最高值</translation>
    </message>
    <message>
        <source>Take the values between black and white</source>
        <translation>取黑与白之间的数值</translation>
    </message>
    <message>
        <source>Add a segment</source>
        <translation>添加分割结构</translation>
    </message>
    <message>
        <source>Add</source>
        <comment>a segment</comment>
        <translation>添加</translation>
    </message>
    <message>
        <source>Give the chosen segment another name</source>
        <translation>为所选分割结构改名</translation>
    </message>
    <message>
        <source>Rename</source>
        <comment>a segment</comment>
        <translation>重命名</translation>
    </message>
    <message>
        <source>Remove the chosen segment and its voxels (can be undone)</source>
        <translation>移除所选分割结构及其体素（可撤销）</translation>
    </message>
    <message>
        <source>Remove</source>
        <comment>a segment</comment>
        <translation>移除</translation>
    </message>
    <message>
        <source>Draw the chosen segment on some slices; this fills the slices between them</source>
        <translation>在部分层面绘制所选分割结构；此操作填充其间的层面</translation>
    </message>
    <message>
        <source>Filling…</source>
        <translation>正在填充…</translation>
    </message>
    <message>
        <source>Take a tool and draw, or add an empty segmentation.</source>
        <translation>请选择工具绘制，或添加空白分割。</translation>
    </message>
    <message>
        <source>Name of the segment</source>
        <translation>分割结构的名称</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>设置</translation>
    </message>
    <message>
        <source>Search settings and keys</source>
        <translation>搜索设置和按键</translation>
    </message>
    <message>
        <source>No setting is about that.</source>
        <translation>没有相关设置。</translation>
    </message>
    <message>
        <source>New key</source>
        <translation>新按键</translation>
    </message>
    <message>
        <source>Press the new key here</source>
        <translation>在此按下新按键</translation>
    </message>
    <message>
        <source>No key</source>
        <translation>无按键</translation>
    </message>
    <message>
        <source>Take the key away from this action</source>
        <translation>取消此操作的按键</translation>
    </message>
    <message>
        <source>Default</source>
        <translation>默认</translation>
    </message>
    <message>
        <source>Give this action its default key</source>
        <translation>恢复此操作的默认按键</translation>
    </message>
    <message>
        <source>All defaults</source>
        <translation>全部默认</translation>
    </message>
    <message>
        <source>Give every action its default key</source>
        <translation>恢复所有操作的默认按键</translation>
    </message>
    <message>
        <source>Take it</source>
        <translation>占用</translation>
    </message>
    <message>
        <source>Take the key from that action</source>
        <translation>从那个操作取得此按键</translation>
    </message>
    <message>
        <source>Action</source>
        <translation>操作</translation>
    </message>
    <message>
        <source>Key</source>
        <translation>按键</translation>
    </message>
    <message>
        <source>What it does</source>
        <translation>作用</translation>
    </message>
    <message>
        <source>Actions and their keys</source>
        <translation>操作及其按键</translation>
    </message>
    <message>
        <source>{0} stands for “{1}”.</source>
        <translation>{0} 已用于“{1}”。</translation>
    </message>
    <message>
        <source>New key for “{0}”:</source>
        <translation>“{0}”的新按键：</translation>
    </message>
    <message>
        <source>On</source>
        <translation>开</translation>
    </message>
    <message>
        <source>Choose a folder: {0}</source>
        <translation>选择文件夹：{0}</translation>
    </message>
    <message>
        <source>Reset</source>
        <translation>重置</translation>
    </message>
    <message>
        <source>Reset to the default: {0}</source>
        <translation>重置为默认：{0}</translation>
    </message>
    <message>
        <source>Largest, smallest or mean value of what lies around the plane</source>
        <translation>平面周围数值的最大、最小或平均值</translation>
    </message>
    <message>
        <source>Slab</source>
        <comment>the button</comment>
        <translation>厚层</translation>
    </message>
    <message>
        <source>Thickness of the slab</source>
        <translation>厚层的层厚</translation>
    </message>
    <message>
        <source>Millimetres:</source>
        <translation>毫米：</translation>
    </message>
    <message>
        <source>Something went wrong while reading this result; the log has the details.</source>
        <translation>读取此结果时出错；详情见日志。</translation>
    </message>
    <message>
        <source>Time point</source>
        <translation>时间点</translation>
    </message>
    <message>
        <source>Time {0} of {1}</source>
        <translation>时间 {0} / {1}</translation>
    </message>
    <message>
        <source>Jan</source>
        <translation>1月</translation>
    </message>
    <message>
        <source>Feb</source>
        <translation>2月</translation>
    </message>
    <message>
        <source>Mar</source>
        <translation>3月</translation>
    </message>
    <message>
        <source>Apr</source>
        <translation>4月</translation>
    </message>
    <message>
        <source>May</source>
        <translation>5月</translation>
    </message>
    <message>
        <source>Jun</source>
        <translation>6月</translation>
    </message>
    <message>
        <source>Jul</source>
        <translation>7月</translation>
    </message>
    <message>
        <source>Aug</source>
        <translation>8月</translation>
    </message>
    <message>
        <source>Sep</source>
        <translation>9月</translation>
    </message>
    <message>
        <source>Oct</source>
        <translation>10月</translation>
    </message>
    <message>
        <source>Nov</source>
        <translation>11月</translation>
    </message>
    <message>
        <source>Dec</source>
        <translation>12月</translation>
    </message>
    <message>
        <source>sober</source>
        <translation>保守</translation>
    </message>
    <message>
        <source>sharp</source>
        <translation>锐利</translation>
    </message>
    <message>
        <source>Sober: what the same network makes without an adversary.</source>
        <translation>保守：同一网络在没有对抗器时的结果。</translation>
    </message>
    <message>
        <source>Sharp: with all the texture that its adversary taught it.</source>
        <translation>锐利：带有对抗器教给它的全部纹理。</translation>
    </message>
    <message>
        <source>Between: {:g} of its adversary&apos;s weight.</source>
        <translation>介于两者之间：对抗器权重的 {:g}。</translation>
    </message>
    <message>
        <source>How much the adversary has its say: what differs between the ends is what it added</source>
        <translation>对抗器的影响有多大：两端之间的差别就是它添加的内容</translation>
    </message>
    <message>
        <source>Show how far off it may be</source>
        <translation>显示可能的偏差</translation>
    </message>
    <message>
        <source>original</source>
        <translation>原始</translation>
    </message>
    <message>
        <source>restored</source>
        <translation>复原</translation>
    </message>
    <message>
        <source>Nothing is changed: the picture as it was acquired.</source>
        <translation>不作任何改变：保持采集时的图像。</translation>
    </message>
    <message>
        <source>Restored: all of the correction that the network makes.</source>
        <translation>复原：应用网络给出的全部校正。</translation>
    </message>
    <message>
        <source>{:g} of the correction that the network makes.</source>
        <translation>应用网络校正的 {:g}。</translation>
    </message>
    <message>
        <source>How much of its correction the network may make</source>
        <translation>网络校正应用的程度</translation>
    </message>
    <message>
        <source>Show what was changed</source>
        <translation>显示改变之处</translation>
    </message>
    <message>
        <source>synthetic</source>
        <translation>合成</translation>
    </message>
    <message>
        <source>segmentation</source>
        <translation>分割</translation>
    </message>
    <message>
        <source>heat map</source>
        <translation>热图</translation>
    </message>
    <message>
        <source>key image</source>
        <translation>关键图像</translation>
    </message>
    <message>
        <source> sigmoid</source>
        <translation> S 形</translation>
    </message>
    <message>
        <source> VOI LUT</source>
        <translation> VOI LUT</translation>
    </message>
    <message>
        <source>colour</source>
        <translation>彩色</translation>
    </message>
    <message>
        <source>{0} resampled</source>
        <translation>{0} 已重采样</translation>
    </message>
    <message>
        <source>loading {0} / {1} · {2}</source>
        <translation>正在加载 {0} / {1} · {2}</translation>
    </message>
    <message>
        <source>{0:.3g} mm thick · {1}</source>
        <translation>层厚 {0:.3g} mm · {1}</translation>
    </message>
    <message>
        <source>coarse while it moves</source>
        <translation>移动时为粗略图像</translation>
    </message>
    <message>
        <source>oblique plane · interpolated</source>
        <translation>斜面 · 插值</translation>
    </message>
    <message>
        <source>{0} {1:g} mm · 1 plane</source>
        <translation>{0} {1:g} mm · 1 个平面</translation>
    </message>
    <message>
        <source>{0} {1:g} mm · {2} planes</source>
        <translation>{0} {1:g} mm · {2} 个平面</translation>
    </message>
    <message>
        <source>oblique · {0}</source>
        <translation>斜面 · {0}</translation>
    </message>
    <message>
        <source>{0} compression</source>
        <translation>{0} 压缩</translation>
    </message>
    <message>
        <source>time {0} / {1}</source>
        <translation>时间 {0} / {1}</translation>
    </message>
    <message>
        <source>original · {0}</source>
        <translation>原始 · {0}</translation>
    </message>
    <message>
        <source>resampled grid</source>
        <translation>重采样网格</translation>
    </message>
    <message>
        <source>acquired slices · {0}</source>
        <translation>采集层面 · {0}</translation>
    </message>
    <message>
        <source>MPR and models use a regular {0:.3g} mm grid</source>
        <translation>MPR 和模型使用 {0:.3g} mm 的规则网格</translation>
    </message>
    <message>
        <source>uneven spacing</source>
        <translation>层间距不均匀</translation>
    </message>
    <message>
        <source>tilt {0:.1f}°</source>
        <translation>倾斜 {0:.1f}°</translation>
    </message>
    <message>
        <source>{0} {1} {2}</source>
        <extracomment>A date: day, month in letters, year.</extracomment>
        <translation>{2}年{1}{0}日</translation>
    </message>
    <message>
        <source>loading {0}</source>
        <translation>正在加载 {0}</translation>
    </message>
    <message>
        <source>slices of {0} could not be decoded</source>
        <translation>{0} 的部分层面无法解码</translation>
    </message>
    <message>
        <source>The difference of MR is scaled by the whole images: wait until they are finished.</source>
        <translation>MR 差值按整个图像定标：请等待其完成。</translation>
    </message>
    <message>
        <source>{0} and {1} have too little in common to bring them to one scale.</source>
        <translation>{0} 与 {1} 的共同点太少，无法统一标度。</translation>
    </message>
    <message>
        <source>Part the panes</source>
        <translation>分开窗格</translation>
    </message>
    <message>
        <source>head</source>
        <translation>头部</translation>
    </message>
    <message>
        <source>chest or belly</source>
        <translation>胸部或腹部</translation>
    </message>
    <message>
        <source>something unknown</source>
        <translation>未知内容</translation>
    </message>
    <message>
        <source>axial</source>
        <translation>轴位</translation>
    </message>
    <message>
        <source>coronal</source>
        <translation>冠状位</translation>
    </message>
    <message>
        <source>no plane of a body</source>
        <translation>非人体平面</translation>
    </message>
    <message>
        <source>body part</source>
        <translation>部位</translation>
    </message>
    <message>
        <source>plane</source>
        <translation>平面</translation>
    </message>
    <message>
        <source>modality</source>
        <translation>成像方式</translation>
    </message>
    <message>
        <source>contrast</source>
        <translation>对比</translation>
    </message>
    <message>
        <source>Looks like: unsure</source>
        <translation>看起来像：不确定</translation>
    </message>
    <message>
        <source>Looks like: {0} ({1})</source>
        <translation>看起来像：{0}（{1}）</translation>
    </message>
    <message>
        <source>{0}; {1} unsure</source>
        <translation>{0}；{1}不确定</translation>
    </message>
    <message>
        <source>Its tags say {0}.</source>
        <translation>文件标签写的是：{0}。</translation>
    </message>
    <message>
        <source>sagittal</source>
        <translation>矢状位</translation>
    </message>
    <message>
        <source>shown from {0}</source>
        <translation>自 {0} 起显示</translation>
    </message>
    <message>
        <source>score 1</source>
        <translation>评分 1</translation>
    </message>
    <message>
        <source>≥ {0} wide</source>
        <translation>≥ {0} 宽</translation>
    </message>
    <message>
        <source>linked by hand, not registered</source>
        <translation>手动联动，未配准</translation>
    </message>
    <message>
        <source>Drop a study here, or choose a series</source>
        <translation>将检查拖到这里，或选择序列</translation>
    </message>
    <message>
        <source>{0:.0f} mm from the active pane&apos;s slice</source>
        <translation>距活动窗格的层面 {0:.0f} mm</translation>
    </message>
    <message>
        <source>Pane {0}: {1}</source>
        <translation>窗格 {0}：{1}</translation>
    </message>
    <message>
        <source>empty</source>
        <translation>空</translation>
    </message>
    <message>
        <source>synthetic {0}</source>
        <translation>合成 {0}</translation>
    </message>
    <message>
        <source>turned </source>
        <translation>旋转的</translation>
    </message>
    <message>
        <source> {0} of {1:g} mm</source>
        <translation> {0} {1:g} mm</translation>
    </message>
    <message>
        <source>{0}{1}, slice {2} of {3}</source>
        <translation>{0}{1}，第 {2} 层，共 {3} 层</translation>
    </message>
    <message>
        <source>may be off: {0} wide</source>
        <translation>可能偏差：宽 {0}</translation>
    </message>
    <message>
        <source>score {0}</source>
        <translation>评分 {0}</translation>
    </message>
    <message>
        <source>not computed yet</source>
        <translation>尚未计算</translation>
    </message>
    <message>
        <source>none of it lies here</source>
        <translation>此处没有</translation>
    </message>
    <message>
        <source>loading {0} / {1}</source>
        <translation>正在加载 {0} / {1}</translation>
    </message>
    <message>
        <source>this slice could not be decoded</source>
        <translation>此层面无法解码</translation>
    </message>
    <message>
        <source>of the slab&apos;s middle plane alone</source>
        <translation>仅厚层的中间平面</translation>
    </message>
    <message>
        <source>Move {0}</source>
        <translation>移动 {0}</translation>
    </message>
    <message>
        <source>Draw {0}</source>
        <translation>绘制 {0}</translation>
    </message>
    <message>
        <source>Change {0}</source>
        <translation>更改 {0}</translation>
    </message>
    <message>
        <source>Type, then Enter</source>
        <translation>输入后按 Enter</translation>
    </message>
    <message>
        <source>Text of the annotation</source>
        <translation>标注文字</translation>
    </message>
    <message>
        <source>Different patients in view · not linked</source>
        <translation>显示了不同患者 · 未联动</translation>
    </message>
    <message>
        <source>Different patients · not linked</source>
        <translation>不同患者 · 未联动</translation>
    </message>
    <message>
        <source>Different patients</source>
        <translation>不同患者</translation>
    </message>
    <message>
        <source>Surfaces in three dimensions</source>
        <translation>三维表面</translation>
    </message>
    <message>
        <source>OpenGL stopped working. Close this window and open it again.</source>
        <translation>OpenGL 已停止工作。请关闭此窗口并重新打开。</translation>
    </message>
    <message>
        <source>{0} is there: press {1} to draw it over the original.</source>
        <translation>{0}已完成：按 {1} 将其叠加在原图上。</translation>
    </message>
    <message>
        <source>{0} is there: tick it under Layers to draw it over the original.</source>
        <translation>{0}已完成：在“图层”中勾选即可叠加在原图上。</translation>
    </message>
    <message>
        <source>There is no result to lie over the images shown; run a model first.</source>
        <translation>没有可叠加在所示图像上的结果；请先运行一个模型。</translation>
    </message>
    <message>
        <source>The other pane lies in a space of its own: link it by registration first{0}, then compare.</source>
        <translation>另一个窗格处于自己的空间：请先通过配准联动{0}，然后再比较。</translation>
    </message>
    <message>
        <source>Images that are not surely of one patient cannot be compared in one pane.</source>
        <translation>不能确定属于同一患者的图像不能在同一窗格中比较。</translation>
    </message>
    <message>
        <source>There is no synthetic image of this series to compare it with; run a model first, or choose another image: Compare with…{0}.</source>
        <translation>没有可供比较的此序列合成图像；请先运行模型，或选择其他图像：与…比较{0}。</translation>
    </message>
    <message>
        <source>Rate of flickering</source>
        <translation>闪烁速率</translation>
    </message>
    <message>
        <source>Changes a second:</source>
        <translation>每秒次数：</translation>
    </message>
    <message>
        <source>The active pane shows no difference.</source>
        <translation>活动窗格未显示差值。</translation>
    </message>
    <message>
        <source>Range of the difference</source>
        <translation>差值范围</translation>
    </message>
    <message>
        <source>Strongest colour at ±, in {0}:</source>
        <translation>最强颜色对应 ±，单位 {0}：</translation>
    </message>
    <message>
        <source>Colours of the difference</source>
        <translation>差值颜色</translation>
    </message>
    <message>
        <source>From less over none to more:</source>
        <translation>从减少到无差别再到增加：</translation>
    </message>
    <message>
        <source>Nothing else is open in the space of the active pane; a series of another space can be compared once it is linked by registration{0}.</source>
        <translation>活动窗格的空间中没有打开其他内容；其他空间的序列在通过配准联动{0}后可以比较。</translation>
    </message>
    <message>
        <source>Original and its synthetic image</source>
        <translation>原始图像及其合成图像</translation>
    </message>
    <message>
        <source>The active pane shows no synthetic image that is finished.</source>
        <translation>活动窗格未显示已完成的合成图像。</translation>
    </message>
    <message>
        <source>kept</source>
        <translation>保留</translation>
    </message>
    <message>
        <source>Kept as “{0}”.</source>
        <translation>已保留为“{0}”。</translation>
    </message>
    <message>
        <source>No other pane shows a series of this patient in a space of its own.</source>
        <translation>没有其他窗格显示该患者自有空间的序列。</translation>
    </message>
    <message>
        <source>No other study of this patient with such a series is open.</source>
        <translation>没有打开该患者带有此类序列的其他检查。</translation>
    </message>
    <message>
        <source>Lines are turned in one of the three planes of MPR.</source>
        <translation>请在 MPR 三个平面之一中旋转线。</translation>
    </message>
    <message>
        <source>The list of recent studies cannot be removed now.</source>
        <translation>现在无法删除最近检查的列表。</translation>
    </message>
    <message>
        <source>The folder of this study is not there any more: it was moved or removed, or its drive is not connected.</source>
        <translation>此检查的文件夹已不存在：已被移动或删除，或其驱动器未连接。</translation>
    </message>
    <message>
        <source>Study</source>
        <translation>检查</translation>
    </message>
    <message>
        <source>not there any more</source>
        <translation>已不存在</translation>
    </message>
    <message>
        <source>{0} · not there any more</source>
        <translation>{0} · 已不存在</translation>
    </message>
    <message>
        <source>RECENT STUDIES</source>
        <translation>最近的检查</translation>
    </message>
    <message>
        <source>Open</source>
        <comment>the button</comment>
        <translation>打开</translation>
    </message>
    <message>
        <source>Open {0}</source>
        <comment>the button</comment>
        <translation>打开 {0}</translation>
    </message>
    <message>
        <source>Take it off this list; its files stay</source>
        <translation>从列表中移除；其文件保留</translation>
    </message>
    <message>
        <source>Take {0} off this list</source>
        <translation>从列表中移除 {0}</translation>
    </message>
    <message>
        <source>None is remembered</source>
        <translation>没有记录</translation>
    </message>
    <message>
        <source>Clear this list</source>
        <translation>清空列表</translation>
    </message>
    <message>
        <source>A registration is under way; wait for it or cancel it.</source>
        <translation>配准正在进行；请等待或取消。</translation>
    </message>
    <message>
        <source>Wait until the series are read; then register them.</source>
        <translation>请等待序列读取完成，然后配准。</translation>
    </message>
    <message>
        <source>{0} is in colour; only images of values can be registered.</source>
        <translation>{0} 是彩色的；只有数值图像才能配准。</translation>
    </message>
    <message>
        <source>The registration was cancelled; nothing was linked.</source>
        <translation>配准已取消；未作联动。</translation>
    </message>
    <message>
        <source>Not linked: {0}. Link them by hand, at a place that both show.</source>
        <translation>未联动：{0}。请在两者都显示的位置手动联动。</translation>
    </message>
    <message>
        <source>registered ({0})</source>
        <translation>已配准（{0}）</translation>
    </message>
    <message>
        <source>Linked by registration. Registered each way, the answers agree within {0:.1f} mm; {1:.0f} % of the body is in both; shared information {2:.2f} before, {3:.2f} now. Point at a few landmarks before you rely on it.</source>
        <translation>已通过配准联动。双向配准的结果相差在 {0:.1f} mm 以内；{1:.0f} % 的身体在两者中都有；共享信息之前 {2:.2f}，现在 {3:.2f}。请核对几个标志点后再依赖它。</translation>
    </message>
    <message>
        <source>A series was closed; nothing was registered.</source>
        <translation>有一个序列已关闭；未进行配准。</translation>
    </message>
    <message>
        <source>{0} cannot be registered: {1}.</source>
        <translation>{0} 无法配准：{1}。</translation>
    </message>
    <message>
        <source>Progress of the registration</source>
        <translation>配准进度</translation>
    </message>
    <message>
        <source>End the registration; nothing is linked</source>
        <translation>结束配准；不作联动</translation>
    </message>
    <message>
        <source> · about {0:.0f} s left</source>
        <translation> · 约剩 {0:.0f} 秒</translation>
    </message>
    <message>
        <source>Registering {0}</source>
        <translation>正在配准 {0}</translation>
    </message>
    <message>
        <source>Front</source>
        <translation>前</translation>
    </message>
    <message>
        <source>Back</source>
        <translation>后</translation>
    </message>
    <message>
        <source>Right</source>
        <translation>右</translation>
    </message>
    <message>
        <source>Left</source>
        <translation>左</translation>
    </message>
    <message>
        <source>Head</source>
        <translation>头侧</translation>
    </message>
    <message>
        <source>Feet</source>
        <translation>足侧</translation>
    </message>
    <message>
        <source>Surfaces · MedGAN Viewer</source>
        <translation>表面 · MedGAN Viewer</translation>
    </message>
    <message>
        <source>Segmentation whose surfaces are shown</source>
        <translation>显示其表面的分割</translation>
    </message>
    <message>
        <source>SEEN FROM</source>
        <translation>观察方向</translation>
    </message>
    <message>
        <source>Left drag turns, middle drag moves, right drag or the wheel zooms.</source>
        <translation>左键拖动旋转，中键拖动移动，右键拖动或滚轮缩放。</translation>
    </message>
    <message>
        <source>SEGMENTS</source>
        <translation>分割结构</translation>
    </message>
    <message>
        <source>Look from this side: {0}</source>
        <translation>从此侧观察：{0}</translation>
    </message>
    <message>
        <source>Fit</source>
        <translation>适合窗口</translation>
    </message>
    <message>
        <source>Show all of it; a double click does too</source>
        <translation>显示全部；双击亦可</translation>
    </message>
    <message>
        <source>Progress of the surfaces</source>
        <translation>表面生成进度</translation>
    </message>
    <message>
        <source>Make no more surfaces; those that are there stay</source>
        <translation>不再生成表面；已有的保留</translation>
    </message>
    <message>
        <source>Make the surfaces that are missing</source>
        <translation>生成缺少的表面</translation>
    </message>
    <message>
        <source>No segmentation is open. Run a model that makes one, or draw one.</source>
        <translation>没有打开的分割。请运行生成分割的模型，或自行绘制。</translation>
    </message>
    <message>
        <source>Surfaces come when all slices of the segmentation are there.</source>
        <translation>分割的所有层面就绪后才会生成表面。</translation>
    </message>
    <message>
        <source>Trying whether this computer can draw surfaces…</source>
        <translation>正在检测本机能否绘制表面…</translation>
    </message>
    <message>
        <source>No segment is shown that may be drawn here.</source>
        <translation>没有可在此绘制的显示中的分割结构。</translation>
    </message>
    <message>
        <source>Surfaces are being made…</source>
        <translation>正在生成表面…</translation>
    </message>
    <message>
        <source>The segments that are shown are empty.</source>
        <translation>显示的分割结构为空。</translation>
    </message>
    <message>
        <source>Not drawn, because a face could be recognised: {0}.</source>
        <translation>未绘制，因为可能辨认出面部：{0}。</translation>
    </message>
    <message>
        <source>Cancelled; not all surfaces are there.</source>
        <translation>已取消；并非所有表面都已生成。</translation>
    </message>
    <message>
        <source>A surface could not be made; the log has the details.</source>
        <translation>无法生成一个表面；详情见日志。</translation>
    </message>
    <message>
        <source>Surface {0} of {1} · {2}</source>
        <translation>表面 {0} / {1} · {2}</translation>
    </message>
    <message>
        <source>Surfaces are smoothed and leave out what is finer than {0:.1f} mm. Measure on the slices.</source>
        <translation>表面经过平滑，小于 {0:.1f} mm 的细节被省略。请在层面上测量。</translation>
    </message>
    <message>
        <source>Surfaces need OpenGL, and it does not work on this computer. All else works without; a newer graphics driver may help.</source>
        <translation>表面需要 OpenGL，而它在本机上不可用。其他功能均不受影响；更新显卡驱动可能有帮助。</translation>
    </message>
    <message>
        <source>Pane {0} · MedGAN Viewer · research use only</source>
        <translation>窗格 {0} · MedGAN Viewer · 仅供研究使用</translation>
    </message>
    <message>
        <source>Window of pane {0}</source>
        <translation>窗格 {0} 的窗口</translation>
    </message>
    <message>
        <source>Back into the main window</source>
        <translation>返回主窗口</translation>
    </message>
    <message>
        <source>Close this window; the pane goes back to its place</source>
        <translation>关闭此窗口；窗格回到原位</translation>
    </message>
    <message>
        <source>This pane is in a window of its own</source>
        <translation>此窗格在独立窗口中</translation>
    </message>
    <message>
        <source>One result was not brought back: the images are not those any more, or the file is damaged.</source>
        <translation>有一个结果未恢复：图像已改变，或文件已损坏。</translation>
    </message>
    <message>
        <source>{0} results were not brought back: the images are not those any more, or the file is damaged.</source>
        <translation>有 {0} 个结果未恢复：图像已改变，或文件已损坏。</translation>
    </message>
    <message>
        <source>the log has the details.</source>
        <translation>详情见日志。</translation>
    </message>
    <message>
        <source>What is open cannot be kept for the next start: {0}</source>
        <translation>无法为下次启动保留当前内容：{0}</translation>
    </message>
    <message>
        <source>How a study was left cannot be kept: {0}</source>
        <translation>无法保留检查关闭时的状态：{0}</translation>
    </message>
    <message>
        <source>What was kept of the last session cannot be removed now.</source>
        <translation>现在无法删除上次会话保留的内容。</translation>
    </message>
    <message>
        <source>1 study</source>
        <translation>1 个检查</translation>
    </message>
    <message>
        <source>{0} studies</source>
        <translation>{0} 个检查</translation>
    </message>
    <message>
        <source>1 result</source>
        <translation>1 个结果</translation>
    </message>
    <message>
        <source>{0} results</source>
        <translation>{0} 个结果</translation>
    </message>
    <message>
        <source>{0}, as of {1:%d %b %Y, %H:%M}</source>
        <translation>{0}，保存于 {1:%Y-%m-%d %H:%M}</translation>
    </message>
    <message>
        <source>{0}. The program did not end well then.</source>
        <translation>{0}。当时程序没有正常结束。</translation>
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
        <translation>青绿至黄</translation>
    </message>
    <message>
        <source>Grey</source>
        <translation>灰度</translation>
    </message>
    <message>
        <source>Blue and orange, dark at zero</source>
        <translation>蓝橙，零处为暗</translation>
    </message>
    <message>
        <source>Blue and orange, light at zero</source>
        <translation>蓝橙，零处为亮</translation>
    </message>
    <message>
        <source>List less certain ones</source>
        <translation>列出较不确定的发现</translation>
    </message>
    <message>
        <source>Lower the threshold until more is listed; its slider is on the right, under Layers</source>
        <translation>降低阈值直到列出更多；其滑块在右侧“图层”下</translation>
    </message>
    <message>
        <source>Lower threshold</source>
        <translation>降低阈值</translation>
    </message>
    <message>
        <source>Accept finding {0}</source>
        <translation>接受发现 {0}</translation>
    </message>
    <message>
        <source>Reject finding {0}</source>
        <translation>拒绝发现 {0}</translation>
    </message>
    <message>
        <source>Reopen finding {0}</source>
        <translation>重新打开发现 {0}</translation>
    </message>
    <message>
        <source>slice {0}</source>
        <translation>第 {0} 层</translation>
    </message>
    <message>
        <source>{0} plane</source>
        <translation>平面：{0}</translation>
    </message>
    <message>
        <source>Failed</source>
        <translation>失败</translation>
    </message>
    <message>
        <source>Cancel {0}</source>
        <translation>取消 {0}</translation>
    </message>
    <message>
        <source>Show</source>
        <translation>显示</translation>
    </message>
    <message>
        <source>{0} %</source>
        <translation>{0} %</translation>
    </message>
    <message>
        <source>Low-dose CT</source>
        <translation>低剂量 CT</translation>
    </message>
    <message>
        <source>Anatomy of the head (CT, MR)</source>
        <translation>头部解剖 (CT, MR)</translation>
    </message>
    <message>
        <source>Anomaly heat map (FLAIR, from glioma patients)</source>
        <translation>异常热图 (FLAIR, 来自胶质瘤患者)</translation>
    </message>
    <message>
        <source>Anomaly heat map (T1, FLAIR)</source>
        <translation>异常热图 (T1, FLAIR)</translation>
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
        <translation>低级别胶质瘤 (FLAIR)</translation>
    </message>
    <message>
        <source>MR contrast (T1 → T2, FLAIR)</source>
        <translation>MR 对比 (T1 → T2, FLAIR)</translation>
    </message>
    <message>
        <source>MR contrast from glioma patients (T1 → FLAIR)</source>
        <translation>来自胶质瘤患者的 MR 对比 (T1 → FLAIR)</translation>
    </message>
    <message>
        <source>MR contrast (T1 + T2 → FLAIR)</source>
        <translation>MR 对比度（T1 + T2 → FLAIR）</translation>
    </message>
    <message>
        <source>MR with less noise and thinner slices</source>
        <translation>噪声更低、层面更薄的 MR</translation>
    </message>
    <message>
        <source>Higher-field-like MR (simulated 7 T)</source>
        <translation>类似更高场强的 MR（模拟 7 T）</translation>
    </message>
    <message>
        <source>Takes noise out of a CT with few photons, as much of it as the reader wants, on the grid on which it was acquired.</source>
        <translation>去除低光子 CT 的噪声，程度由阅片者决定，保持采集时的网格。</translation>
    </message>
    <message>
        <source>Divides the head in CT or MR into thirteen tissues and structures.</source>
        <translation>将 CT 或 MR 中的头部划分为十三种组织和结构。</translation>
    </message>
    <message>
        <source>Heat map of what does not look like healthy anatomy in axial FLAIR head MR: a per-pixel discriminator that compares each slice with what a generator of healthy anatomy makes of it.</source>
        <translation>轴位头部 FLAIR MR 中不像健康解剖结构之处的热图：逐像素判别器将每一层与健康解剖结构生成器对该层的输出相比较。</translation>
    </message>
    <message>
        <source>Heat map of what does not look like healthy anatomy in axial T1 and FLAIR head MR: a per-pixel discriminator that compares each slice with what a generator of healthy anatomy makes of it.</source>
        <translation>轴位头部 T1 和 FLAIR MR 中不像健康解剖结构之处的热图：逐像素判别器将每一层与健康解剖结构生成器对该层的输出相比较。</translation>
    </message>
    <message>
        <source>Shows a head CT as a T1-weighted, a T2-weighted and a FLAIR MR of one fixed protocol might look.</source>
        <translation>显示头部 CT 在某一固定方案的 T1 加权、T2 加权和 FLAIR MR 中可能的样子。</translation>
    </message>
    <message>
        <source>Estimates CT numbers of the head from one T1-, T2- or FLAIR-weighted MR series.</source>
        <translation>由一个 T1、T2 或 FLAIR 加权 MR 序列估计头部的 CT 值。</translation>
    </message>
    <message>
        <source>Outlines low-grade glioma in axial FLAIR of the head, with the T1 beside it where there is one.</source>
        <translation>在头部轴位 FLAIR 中勾画低级别胶质瘤，如有 T1 则一并使用。</translation>
    </message>
    <message>
        <source>Estimates a T2- and a FLAIR-weighted MR of the head from one T1-weighted MR series.</source>
        <translation>由一个 T1 加权 MR 序列估计头部的 T2 和 FLAIR 加权 MR。</translation>
    </message>
    <message>
        <source>Estimates a FLAIR of the head from one T1-weighted MR series, as learned from real patients with low-grade glioma.</source>
        <translation>由一个 T1 加权 MR 序列估计头部的 FLAIR, 从低级别胶质瘤真实患者学得。</translation>
    </message>
    <message>
        <source>Estimates a FLAIR of the head from a T1- and a T2-weighted MR series together.</source>
        <translation>由一个 T1 加权和一个 T2 加权 MR 序列共同估计头部的 FLAIR。</translation>
    </message>
    <message>
        <source>Takes noise out of a T1, T2 or FLAIR of the head and shows its thick slices on a grid of about 2 mm.</source>
        <translation>去除头部 T1、T2 或 FLAIR 中的噪声, 并将其厚层显示在约 2 mm 的网格上。</translation>
    </message>
    <message>
        <source>Estimates what a T1, T2 or FLAIR of the head from a scanner of low field would look like at 7 T, as a simulation has it: contrast and less noise, no finer detail.</source>
        <translation>按模拟估计低场设备的头部 T1、T2 或 FLAIR 在 7 T 下的样子：改变对比度、减少噪声，不增加细节。</translation>
    </message>
    <message>
        <source>This series was made by a model; models are used on acquired images only.</source>
        <translation>此序列由模型生成；模型只用于实际采集的图像。</translation>
    </message>
    <message>
        <source>This series is in colour; models are used on grey images only.</source>
        <translation>此序列为彩色；模型只用于灰度图像。</translation>
    </message>
    <message>
        <source>Needs {0}; this series is {1}.</source>
        <translation>需要 {0}；此序列为 {1}。</translation>
    </message>
    <message>
        <source>Needs a {0}; this series shows {1}.</source>
        <translation>需要部位：{0}；此序列显示：{1}。</translation>
    </message>
    <message>
        <source>Needs {0} in the same frame of reference as well; there is none.</source>
        <translation>还需要同一参考坐标系中的 {0}；没有这样的序列。</translation>
    </message>
    <message>
        <source>The region is not stated in the series: confirm that it shows a {0}.</source>
        <translation>序列未注明部位：请确认它显示的是{0}。</translation>
    </message>
    <message>
        <source>The contrast is not stated in the series: confirm that it is {0}.</source>
        <translation>序列未注明对比类型：请确认它是 {0}。</translation>
    </message>
    <message>
        <source>The position of the slices in the patient is not known.</source>
        <translation>层面在患者体内的位置未知。</translation>
    </message>
    <message>
        <source>Needs axial slices; these are tilted by {0}°.</source>
        <translation>需要轴位层面；这些层面倾斜了 {0}°。</translation>
    </message>
    <message>
        <source>Needs slices at most {0} mm apart; these are {1} mm apart.</source>
        <translation>需要层间距不超过 {0} mm；此序列的层间距为 {1} mm。</translation>
    </message>
    <message>
        <source>This is not a DICOM file.</source>
        <translation>这不是 DICOM 文件。</translation>
    </message>
    <message>
        <source>This is not an NRRD file.</source>
        <translation>这不是 NRRD 文件。</translation>
    </message>
    <message>
        <source>This is not a NIfTI-1 file in one part.</source>
        <translation>这不是单文件的 NIfTI-1 文件。</translation>
    </message>
    <message>
        <source>This is not a regular file.</source>
        <translation>这不是普通文件。</translation>
    </message>
    <message>
        <source>This is a compressed file; unpack it first.</source>
        <translation>这是压缩文件；请先解压。</translation>
    </message>
    <message>
        <source>This is a table of contents (DICOMDIR); open its folder instead.</source>
        <translation>这是目录文件（DICOMDIR）；请改为打开其所在文件夹。</translation>
    </message>
    <message>
        <source>This is a {0} object, not a scan; open the series it belongs to.</source>
        <translation>这是 {0} 对象，不是扫描图像；请打开它所属的序列。</translation>
    </message>
    <message>
        <source>This is a {0} object, which holds no image.</source>
        <translation>这是 {0} 对象，不含图像。</translation>
    </message>
    <message>
        <source>No scan was found in this folder.</source>
        <translation>此文件夹中未找到扫描图像。</translation>
    </message>
    <message>
        <source>No scan was found in this ZIP archive.</source>
        <translation>此 ZIP 压缩包中未找到扫描图像。</translation>
    </message>
    <message>
        <source>There is no such file or folder.</source>
        <translation>没有这样的文件或文件夹。</translation>
    </message>
    <message>
        <source>The file is empty.</source>
        <translation>文件为空。</translation>
    </message>
    <message>
        <source>The file cannot be read ({0}).</source>
        <translation>无法读取文件（{0}）。</translation>
    </message>
    <message>
        <source>The folder cannot be read ({0}).</source>
        <translation>无法读取文件夹（{0}）。</translation>
    </message>
    <message>
        <source>The file has changed since it was listed; open it again.</source>
        <translation>文件自列出以来已更改；请重新打开。</translation>
    </message>
    <message>
        <source>The file has become shorter since it was listed; open it again.</source>
        <translation>文件自列出以来变短了；请重新打开。</translation>
    </message>
    <message>
        <source>The series needs {0} GiB of memory, more than there is; close other studies or programs.</source>
        <translation>此序列需要 {0} GiB 内存，超出可用内存；请关闭其他检查或程序。</translation>
    </message>
    <message>
        <source>Slice {0} is left empty. {1}</source>
        <translation>第 {0} 层留空。{1}</translation>
    </message>
    <message>
        <source>Slice {0}: {1} values too large or too small to keep were clipped.</source>
        <translation>第 {0} 层：有 {1} 个值过大或过小，已被截断。</translation>
    </message>
    <message>
        <source>The file is damaged or cut off inside its header.</source>
        <translation>文件已损坏或在文件头中被截断。</translation>
    </message>
    <message>
        <source>The file is cut off inside its header.</source>
        <translation>文件在文件头中被截断。</translation>
    </message>
    <message>
        <source>The file is too short for a NIfTI header.</source>
        <translation>文件太短，不足以容纳 NIfTI 文件头。</translation>
    </message>
    <message>
        <source>The header of this file cannot be read; it is damaged or of another format.</source>
        <translation>无法读取此文件的文件头；它已损坏或为其他格式。</translation>
    </message>
    <message>
        <source>The file has no pixel data: it was cut off, or only its header was saved.</source>
        <translation>文件没有像素数据：它被截断，或只保存了文件头。</translation>
    </message>
    <message>
        <source>The file is cut off: {0} take {1} bytes, it holds {2}.</source>
        <translation>文件被截断：{0} 需要 {1} 字节，而文件只有 {2} 字节。</translation>
    </message>
    <message>
        <source>The file is cut off: {0} bytes of its compressed pixels are missing.</source>
        <translation>文件被截断：缺少 {0} 字节的压缩像素。</translation>
    </message>
    <message>
        <source>The file is cut off: {0} bytes of voxels expected, it holds {1}.</source>
        <translation>文件被截断：应有 {0} 字节体素，实际为 {1} 字节。</translation>
    </message>
    <message>
        <source>The file is cut off: it cannot hold the {0} voxels it claims.</source>
        <translation>文件被截断：它容纳不下所声明的 {0} 个体素。</translation>
    </message>
    <message>
        <source>The compressed pixels are damaged.</source>
        <translation>压缩像素已损坏。</translation>
    </message>
    <message>
        <source>The compressed file is damaged or cut off.</source>
        <translation>压缩文件已损坏或被截断。</translation>
    </message>
    <message>
        <source>The compressed voxels are damaged or cut off.</source>
        <translation>压缩体素已损坏或被截断。</translation>
    </message>
    <message>
        <source>The deflated data set is damaged.</source>
        <translation>Deflate 压缩的数据集已损坏。</translation>
    </message>
    <message>
        <source>The deflated data set grows beyond all bounds.</source>
        <translation>Deflate 压缩的数据集解压后超出限度。</translation>
    </message>
    <message>
        <source>The modality lookup table is damaged.</source>
        <translation>模态查找表已损坏。</translation>
    </message>
    <message>
        <source>The pixels cannot be decoded ({0}): damaged or cut off.</source>
        <translation>无法解码像素（{0}）：已损坏或被截断。</translation>
    </message>
    <message>
        <source>The decoder broke down on it; the file is damaged.</source>
        <translation>解码器因此崩溃；文件已损坏。</translation>
    </message>
    <message>
        <source>The decoded image is in colour, unlike its header says.</source>
        <translation>解码后的图像为彩色，与文件头不符。</translation>
    </message>
    <message>
        <source>The decoded image has another size than its header says.</source>
        <translation>解码后的图像大小与文件头不符。</translation>
    </message>
    <message>
        <source>The compressed image has another size than its header says.</source>
        <translation>压缩图像的大小与文件头不符。</translation>
    </message>
    <message>
        <source>This {0} is damaged or breaks DICOM&apos;s rules.</source>
        <translation>此文件（{0}）已损坏或不符合 DICOM 规则。</translation>
    </message>
    <message>
        <source>This program does not know the compression {0}.</source>
        <translation>本程序不支持压缩方式 {0}。</translation>
    </message>
    <message>
        <source>The image has {0} bits a pixel, which this program does not read.</source>
        <translation>图像每像素 {0} 位，本程序无法读取。</translation>
    </message>
    <message>
        <source>The file does not say how many rows and columns its image has.</source>
        <translation>文件未说明图像的行数和列数。</translation>
    </message>
    <message>
        <source>{0} × {1} × {2} pixels</source>
        <translation>{0} × {1} × {2} 像素</translation>
    </message>
    <message>
        <source>The image claims {0}, more than this program opens.</source>
        <translation>图像声明为 {0}，超出本程序可打开的大小。</translation>
    </message>
    <message>
        <source>The image claims {0}, which its {1} bytes cannot hold.</source>
        <translation>图像声明为 {0}，其 {1} 字节容纳不下。</translation>
    </message>
    <message>
        <source>The volume claims {0} voxels, more than is opened.</source>
        <translation>体数据声明有 {0} 个体素，超出可打开的大小。</translation>
    </message>
    <message>
        <source>This {0} is larger than this program opens.</source>
        <translation>此文件（{0}）超出本程序可打开的大小。</translation>
    </message>
    <message>
        <source>This object claims more frames or pixels than it describes or than this program opens.</source>
        <translation>此对象声明的帧数或像素数超出其描述，或超出本程序可打开的大小。</translation>
    </message>
    <message>
        <source>The file has {0} axes; two, three, or four with time are read.</source>
        <translation>文件有 {0} 个轴；可读取两个、三个，或含时间的四个轴。</translation>
    </message>
    <message>
        <source>The file holds a kind of data that is not read (colour, complex or unknown).</source>
        <translation>文件含有无法读取的数据类型（彩色、复数或未知）。</translation>
    </message>
    <message>
        <source>The file holds a kind of values that is not read.</source>
        <translation>文件含有无法读取的数值类型。</translation>
    </message>
    <message>
        <source>The file holds colours or vectors, which are not read from this format.</source>
        <translation>文件含有颜色或矢量，此格式不支持读取。</translation>
    </message>
    <message>
        <source>The voxels are written in a way that is not read (encoding {0}).</source>
        <translation>体素的写入方式无法读取（编码 {0}）。</translation>
    </message>
    <message>
        <source>The voxels are written in a way that is not read (as words, or behind a header).</source>
        <translation>体素的写入方式无法读取（以文本形式，或位于文件头之后）。</translation>
    </message>
    <message>
        <source>Its voxels are said to be elsewhere or in many files, which is not followed.</source>
        <translation>其体素据称位于别处或多个文件中，本程序不予读取。</translation>
    </message>
    <message>
        <source>The file with its voxels is missing: put {0} beside it.</source>
        <translation>缺少存放体素的文件：请将 {0} 放在其旁边。</translation>
    </message>
    <message>
        <source>The file&apos;s orientation is unusable: its matrix places no volume in space.</source>
        <translation>文件的方位不可用：其矩阵无法在空间中确定体数据。</translation>
    </message>
    <message>
        <source>The ZIP archive is damaged or cut off.</source>
        <translation>ZIP 压缩包已损坏或被截断。</translation>
    </message>
    <message>
        <source>The ZIP archive cannot be unpacked ({0}).</source>
        <translation>无法解压 ZIP 压缩包（{0}）。</translation>
    </message>
    <message>
        <source>The ZIP archive holds {0} files, more than this program opens.</source>
        <translation>ZIP 压缩包含有 {0} 个文件，超出本程序可打开的数量。</translation>
    </message>
    <message>
        <source>Its name in the ZIP archive points outside the archive; it is left out.</source>
        <translation>其在 ZIP 压缩包中的名称指向压缩包之外；已略过。</translation>
    </message>
    <message>
        <source>It is a link in the ZIP archive; it is left out.</source>
        <translation>它是 ZIP 压缩包中的链接；已略过。</translation>
    </message>
    <message>
        <source>It is encrypted; unpack the ZIP archive with its password first.</source>
        <translation>它已加密；请先用密码解压 ZIP 压缩包。</translation>
    </message>
    <message>
        <source>It grows beyond all bounds when unpacked; it is left out.</source>
        <translation>解压后超出限度；已略过。</translation>
    </message>
    <message>
        <source>It does not fit on the disk or is larger than this program unpacks.</source>
        <translation>磁盘空间不足，或超出本程序可解压的大小。</translation>
    </message>
    <message>
        <source>It is larger than the ZIP archive says; it is left out.</source>
        <translation>它比 ZIP 压缩包声明的大；已略过。</translation>
    </message>
    <message>
        <source>It is damaged in the ZIP archive or packed in a way that is not known.</source>
        <translation>它在 ZIP 压缩包中已损坏，或压缩方式未知。</translation>
    </message>
    <message>
        <source>It is a ZIP archive inside a ZIP archive; unpack it and open it by itself.</source>
        <translation>它是 ZIP 压缩包中的 ZIP 压缩包；请解压后单独打开。</translation>
    </message>
    <message>
        <source>The table of contents is larger than any; open its folder instead.</source>
        <translation>目录文件异常巨大；请改为打开其所在文件夹。</translation>
    </message>
    <message>
        <source>The table of contents is damaged; open its folder instead.</source>
        <translation>目录文件已损坏；请改为打开其所在文件夹。</translation>
    </message>
    <message>
        <source>This is no table of contents of DICOM files; open its folder instead.</source>
        <translation>这不是 DICOM 文件的目录；请改为打开其所在文件夹。</translation>
    </message>
    <message>
        <source>1 of its entries points outside its folder and is left out.</source>
        <translation>其中 1 个条目指向文件夹之外，已略过。</translation>
    </message>
    <message>
        <source>{0} of its entries point outside its folder and are left out.</source>
        <translation>其中 {0} 个条目指向文件夹之外，已略过。</translation>
    </message>
    <message>
        <source>1 file that it lists is not there.</source>
        <translation>它列出的 1 个文件不存在。</translation>
    </message>
    <message>
        <source>{0} files that it lists are not there.</source>
        <translation>它列出的 {0} 个文件不存在。</translation>
    </message>
    <message>
        <source>Acquired with a gantry tilt of {0}°; MPR and models use a regular {1} mm grid.</source>
        <translation>采集时机架倾斜 {0}°；MPR 和模型使用 {1} mm 的规则网格。</translation>
    </message>
    <message>
        <source>The slices lie staggered by {0}°; MPR and models use a regular {1} mm grid.</source>
        <translation>层面错开 {0}°；MPR 和模型使用 {1} mm 的规则网格。</translation>
    </message>
    <message>
        <source>The slices are unevenly spaced: {0} to {1} mm apart.</source>
        <translation>层间距不均匀：{0} 至 {1} mm。</translation>
    </message>
    <message>
        <source>The slices do not lie evenly behind one another.</source>
        <translation>层面排列不均匀。</translation>
    </message>
    <message>
        <source>MPR and models use a regular {0} mm grid.</source>
        <translation>MPR 和模型使用 {0} mm 的规则网格。</translation>
    </message>
    <message>
        <source>1 slice is missing between slices {0} and {1} ({2} to {3} mm).</source>
        <translation>第 {0} 层与第 {1} 层之间缺少 1 层（{2} 至 {3} mm）。</translation>
    </message>
    <message>
        <source>{0} slices are missing between slices {1} and {2} ({3} to {4} mm).</source>
        <translation>第 {1} 层与第 {2} 层之间缺少 {0} 层（{3} 至 {4} mm）。</translation>
    </message>
    <message>
        <source>Two images lie at {0} mm: {1} is shown, {2} is left out.</source>
        <translation>{0} mm 处有两幅图像：显示 {1}，略过 {2}。</translation>
    </message>
    <message>
        <source>Two images lie at {0} mm: {1} is shown, {2} is left out (and {3} more like it).</source>
        <translation>{0} mm 处有两幅图像：显示 {1}，略过 {2}（另有 {3} 幅同样如此）。</translation>
    </message>
    <message>
        <source>{0} is left out: a copy of an image that is here already.</source>
        <translation>已略过 {0}：它是已有图像的副本。</translation>
    </message>
    <message>
        <source>{0} and {1} more files are left out: a copy of an image that is here already.</source>
        <translation>已略过 {0} 和另外 {1} 个文件：它们是已有图像的副本。</translation>
    </message>
    <message>
        <source>1 time point is left out: not every one of the {0} slices is there.</source>
        <translation>已略过 1 个时间点：{0} 个层面不全。</translation>
    </message>
    <message>
        <source>{0} time points are left out: not every one of the {1} slices is there.</source>
        <translation>已略过 {0} 个时间点：{1} 个层面不全。</translation>
    </message>
    <message>
        <source>The positions in the headers cannot be right and are not used.</source>
        <translation>文件头中的位置不可能正确，不予使用。</translation>
    </message>
    <message>
        <source>The images were compressed with loss; fine detail may be missing.</source>
        <translation>图像经过有损压缩；可能缺少细节。</translation>
    </message>
    <message>
        <source>The images are in colour; models take grey images only.</source>
        <translation>图像为彩色；模型只接受灰度图像。</translation>
    </message>
    <message>
        <source>The images have neither a place in space nor a pixel size; distances are not in millimetres.</source>
        <translation>图像既无空间位置也无像素大小；距离不以毫米计。</translation>
    </message>
    <message>
        <source>The images have no places of their own in space; they are shown one after the other.</source>
        <translation>图像没有各自的空间位置；按顺序显示。</translation>
    </message>
    <message>
        <source>The images do not say how large a pixel is; distances are not in millimetres.</source>
        <translation>图像未说明像素大小；距离不以毫米计。</translation>
    </message>
    <message>
        <source>The images carry a modality lookup table that is damaged; values are as stored.</source>
        <translation>图像附带的模态查找表已损坏；数值按存储值显示。</translation>
    </message>
    <message>
        <source>The images carry a VOI lookup table that is damaged; choose a window.</source>
        <translation>图像附带的 VOI 查找表已损坏；请选择窗口。</translation>
    </message>
    <message>
        <source>{0} records neither patient nor modality; the values are taken for {1}.</source>
        <translation>{0} 不记录患者和模态；数值按 {1} 处理。</translation>
    </message>
    <message>
        <source>neck</source>
        <translation>颈部</translation>
    </message>
    <message>
        <source>chest</source>
        <translation>胸部</translation>
    </message>
    <message>
        <source>abdomen</source>
        <translation>腹部</translation>
    </message>
    <message>
        <source>pelvis</source>
        <translation>盆腔</translation>
    </message>
    <message>
        <source>of no stated modality</source>
        <translation>未注明模态的序列</translation>
    </message>
    <message>
        <source>input error</source>
        <translation>输入错误</translation>
    </message>
    <message>
        <source>{0} or {1}</source>
        <translation>{0} 或 {1}</translation>
    </message>
</context>
</TS>
