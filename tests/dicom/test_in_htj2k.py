"""High-Throughput JPEG 2000 (ISO/IEC 15444-15): code streams that OpenJPH 0.26.3 made of known pictures.

Nothing that this program uses can write such a stream, so that they stand here.
"""

import base64
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pydicom.encaps import encapsulate
from pydicom.uid import HTJ2K, HTJ2KLossless, HTJ2KLosslessRPCL

from medgan_viewer.dicom import assemble, index
from tests.dicom_builder import image_dataset, save

STREAMS = {
    "unsigned": """
        |4;u>04YEK0000m0000e00000000000000m0000e0000000000009pH0sl|{2mk^A000XAQUDA90ssL31q1{@0smY86Cj9?kdTm&kdTm&kdTmwh=
        ~7W02crOPjF>!N>E53R%LP^FfKASE;BCwkN^q*00003@&Ez<lfVEg051T^@YVWl>jJ|x0KfnfKmZc}Yx@8TbO6KQ03tL1zyKA{00m3{0VvR_1qeX
        <Knxd{$JclOz;Fl*0OaJA0Q3O0)BwN$7OVgPYCr%LAO--~Y<K{G%?4om0(^<VSb{qDdH?_-
        iYTH85hDHs9*}@*zZE_$y8tj8NN%MYK!*Up02g%t0A7ax0A0XfR>(q78ouhQAYd2=2LNDU;?N@q8YV|h1pveTdCctR%P%<IOgQy(iOCe$=X1`bwh
        ^1G44&DY0SrO{q2Ia#0e}dM{(c1@0vH@R1aNQ|z~ImUfJ27>3~(`lZrH{EqKsfuAB(@ebj#&04lS>}itEk$4!aJjwce8gB!yTZc#nX75YUgxKLGd
        #z&k+j2N3>IT2y+}a8+jJhskfR6!6gFicttx`&JRWK9TE)=$X6$zyL3}U;r1~&;SeUkX8bv1S^43f}t2i<b$LSpbwHhfW{DrPz6{5tN=@ZB@jc<M
        n)S%8yRg7Whg;(MCK9X5t&DjqaZ>hpd_FYP!domMiKcS=>zD4qz|Am1R_)cmH;cj5?~3$5VVoe2GK@F8$=mO7z@S|7z@S|7-
        JyvaGj5XE{`5TdMx9e(*9C$Q?>QP^eXwr%9D#WYP6Af+WFD`$GGGBj_~eszu$GmtM~PIzUMpF%O_Ute<bx)@y_XgDLARx`r>*OeB)(F#hW!+NW5)
        )=>KEfas9`5b^x|IN^5wmX;klp?goSqf{+kG5E6Rp-
        dpz`2oeAg5P$>#1Oy;yDsL)pDsL)p3NeTTfe0c&AOZ+N2to)#2to+-*1fmxJrE=SARqt<00;;`(p275-c;UH-jprS2Q;7uv|Z2x8qfpU7U%;S&;!
        ~o=m8Dr0c{KP0S(}A2tWqdLI5CyAPNXV1+YR80Tdws6Jqi-802U%?z{4X=cRY92dwI@?&!1dJ^0z?9sEmv%wIE0*e~I-
        ?9soeRqY$El~>gp3|>Zq9E}D&*M3lZ^se>5^_^AS-
        4=cazZ*Qmzlmkw>!_)}I3HRQd!Mxj$VyrnT1hKIyHt*<j7pBGj7l`iG|M#0G|My#vAR}8s%urGXQir?tW=ef6(TEXWynfe8L~^|sLH71sLH5BvrM
        y0vrMy0vk<FmRiwIBMS9J&8PrUhL5=u*M3YzF)@F&nKeaQ?zP_WUhk9QgPAk1|*`VlVgP>hMz2A6G`*-
        d%`t5$DSH;cO%C*bUuxkG(()ifA;k3EB7mmKZqo;>@Umi{?y>Qu}=w^eUT|d3wcu)Ix?lk)BPOH1_XK3rMespwR2LIU
    """,
    "signed": """
        |4;u>04YEK0000m0000e00000000000000m0000e000000000000EBy0sl|{2mk^A000XAQUDA90ssL31q1{@0smY86Cj9?kdTm&kdTm&kdTmwh=
        ~7W02crOPjF>!N>E53R%LP^FfKASE;BCwkN^q*00003@Bjh-lfVEffal|zM#IJdfwTa?024p}698-
        b01I>g!{GoTGyuQ=70>_$OaK8W(5eLpK>I)p7nsM_cmTj~2n+z^<dp#Q0JYQrzyKDk00C-
        102Lqx0N8AJ0D#Q~VEY1miNRQcI`?`203wPgq6iTp{sbP7fNQ@MJ}tWdFdRs3r5iwp0KfnjbpQZfhX4Rwz+hI$LQopM>Z>4N7zYOcU}56WBM2HMM
        @|I*!~S{9?B~lbINnS+^>c~I6xio;&ZV{yo2(3;*_{ClLIR=Rx&r}#2#o%I1t0<#96AJWa2UYg&;fu$hX4$4F@bK_#sH#>U{fE9zrA$J<u48`uf2
        -v&HE0!4yv`@lL91#SRr_ifPN6rkIFv)_y@o{K=20;{!v;~dem@LX6A><Z?6>a(Bq0x2v_@75xhQ;>xk%?yaB)fFSuX;7u?VQ3+#|q0;L2ifl`8@
        7)9iRqz|AEl0JaO5QtC(SOTm7OMoR1L(oP>8$=r!Z4hNBL3Bjs5#$k>N06f+LM5Oipb}6LP$)(b`5@^7=!2vWpfLm@Q~{O%E5H(93B(Yzk<kXxMn
        )S%8A=!n#uFF|#uFH0Ao6gXkAp6c9zl96<DJs}QgKtY^~Cfl`NqnVi#BSsk$Bqq(f-G{<NJ>A?sC81b;Yaq^?1JLJJ-
        u6R_%Wz^;PlC>3=CWsoMJDdKG-
        *Wl6=GHCjl#ZG7neW8885$9Q%CwmM2{c&uqu?}hFLgb;#|5JC_Vdh6a>_Z|om01yy>1ONmCAZaRZDsL)pDsKughy;NMB0(Sm2to)#2to)#2=vyyx
        9&X<Bmf{F00{sH2td+Q-c;UH-c;U{Ezk!vpa-;F&;uIK1KJko0~*i++Ain;4d?-F3-kdE;BW{)2G~LXAcP<a2toz0LJ$EIApjF%@-
        !IaXff`)@`LB4cdiGl>aOnSv+zCm+2$SmOMc8>GfUVn;j-+}zo}L28?TjD)f)_6MuQxU20hn)P<-
        ^R^}zL=Ro&edeh0rBJj1_<W#H?mslPZMS`&MpwFk&bS{YhND?__fj;f4Gj;f4GG|M#0G|M#0Gz+o1Rz<37RitO7s+6o$m68=AD`{oON?IAROXaA_
        sN|^1s6?|&vrMy0vrMxPt7}!Hx>iMc&9oWROq)TC_<cl^SKroViN8O!GtR!gqo;>@Umi{?y>Qu}=w^eUT|d3wcu)Ix?lk)Cex+B%&DYAc%h9lE|0
        vS<*t+4gxw;pQzP_WUhk9QgPAk1|*`VlVgP>hMz2A6G`*-d%`s_}tyY6Rb>#u%vbY2Gk*#
    """,
    "bytes": """
        |4;u>04YEK0000m0000e00000000000000m0000e0000000000009R90sl|{2mk^A00092QUDA90ssL31q1{@0smY86Cg-XP*6}%P*6}%P*6}vNJ
        #%=02crOPjF>!N>E53R%LP^FfKASE;BCwkN^q*00001z5oILlfWtf{lkg*0D!arz!AU^fB_Q#0OJ6_6TlJxmgtQB%XI)lcT@nt6%Yk<0Vo21-
        6N+$b^riD5Cp++2Jiq4_0=f={Jt#Y0KgYX09|webRYl#0000G00001002M$008_2zyQ~P0jz)nRDc6nrDdxo69E7K000000000000aO400000000
        00gmQ8ZARzJs9KZpjKm$R5A{AwJl_nPf000000000000000008hoKm$eq4I%&<3;;C(xJ0P30l+TK0e7$q+`xh$00000007`@mYK5Kk+jW}oK8dH
        #k7F}C<FprV5H)59~Ld72oXRa8)dh07Tw6|0ssI2004ld3KND^VZyNfNb$Crl<~HLp6yD|_3zmww$OiSd&~eP6AcI^T85#b1PA~EVKC5wWr#5jZU
        O)R00000000000000000000000000002s0A_Hyo0-
        DuZh6hNYVvKfSCd4IRbNQeRrIs&YVvP$SCe|vRoC3rS6_2izI>ais`75CtK8dWuO{0yc{E7XRrHNjUrRpbuO|03c{i<@5nHK|6}p+(1^?L
    """,
    "lossy": """
        |4;u>04YEK0000m0000e00000000000000m0000e0000000000009pH0sl|{2mk^A001TbQUDA90ssL31q1{@0RLP7BO;G<k429~j~9nrhg^p}f2
        x0~f5K=rXf<efU>aZ=Z@>R!02crOPjF>!N>E53R%LP^FfKASE;BCwkN^q*00000xBvnFlfVEg06_&e`+os-_X5DQ0KfnyfB;PE`Tz@b0CoKU0yF@
        ?09L>NRRF-9q9BX%03f$y`L_Vz02;vI1CxHW0KfpQfB|ZNL;w&0Aiw}~ESGUv7ywo^lO(pawzWV{Nj=Ryl6x-
        IYCQnJ0<HiS*Z}<V_!RW?^zwNC01yq0qER%8M$stxe~~3RWR&TWQ*_2LjPC%T0?+^e0094ebFRAUuDa{4x}5<3*#
    """,
}


def picture(kind: str) -> NDArray[Any]:
    """Return what was compressed, [row, column]."""
    rows, columns = np.mgrid[0:40, 0:48]
    values = 60 * rows + 20 * columns + rows * columns % 5
    match kind:
        case "bytes":
            return np.asarray(values // 16, dtype=np.uint8)
        case "signed":
            return np.asarray(values - 1500, dtype=np.int16)
        case _:
            return np.asarray(values, dtype=np.uint16)


def written(path: Path, kind: str, syntax: str, stream: bytes | None = None, **attributes: Any) -> Path:
    dataset = image_dataset(picture(kind), **({"Modality": "MR"} | attributes))
    whole = base64.b85decode("".join(STREAMS[kind].split()))
    dataset.PixelData = encapsulate([whole if stream is None else stream])
    dataset["PixelData"].is_undefined_length = True
    dataset["PixelData"].VR = "OB"
    save(dataset, path, syntax)
    return path


@pytest.mark.parametrize("syntax", [HTJ2KLossless, HTJ2KLosslessRPCL, HTJ2K])
@pytest.mark.parametrize("kind", ["unsigned", "signed", "bytes"])
def test_lossless_streams_have_their_values(tmp_path: Path, syntax: str, kind: str) -> None:
    path = written(tmp_path / "one.dcm", kind, syntax)
    (study,) = index.scan([path]).studies
    stack = assemble.load_stack(study.series[0])
    np.testing.assert_array_equal(stack.array[0], picture(kind))
    # The general syntax does not promise that nothing was lost.
    assert bool(study.series[0].lossy) == (syntax == HTJ2K)


def test_hounsfield_units_come_out_of_the_rescale(tmp_path: Path) -> None:
    attributes: dict[str, Any] = {"Modality": "CT", "RescaleIntercept": "-1024"}
    path = written(tmp_path / "one.dcm", "unsigned", HTJ2KLossless, **attributes)
    stack = assemble.load_stack(index.scan([path]).studies[0].series[0])
    np.testing.assert_array_equal(stack.array[0], picture("unsigned").astype(int) - 1024)


def test_a_lossy_stream_is_near_and_marked(tmp_path: Path) -> None:
    path = written(tmp_path / "one.dcm", "lossy", HTJ2K, LossyImageCompression="01", LossyImageCompressionRatio="20")
    (study,) = index.scan([path]).studies
    series = study.series[0]
    found = assemble.load_stack(series).array[0]
    assert 0 < np.abs(found.astype(int) - picture("lossy")).max() < 60
    assert series.lossy == "lossy 20:1"


@pytest.mark.parametrize("damage", ["cut", "other size", "no stream"])
def test_a_damaged_stream_is_refused_with_one_sentence(tmp_path: Path, damage: str) -> None:
    whole = base64.b85decode("".join(STREAMS["unsigned"].split()))
    stream = {
        "cut": whole[:90],
        # Columns on the reference grid, right after the capabilities.
        "other size": whole[:8] + (4000).to_bytes(4, "big") + whole[12:],
        "no stream": bytes(200),
    }[damage]
    path = written(tmp_path / "one.dcm", "unsigned", HTJ2KLossless, stream)
    pending = assemble.open_stack(index.scan([path]).studies[0].series[0])
    pending.read_all()
    (problem,) = pending.problems
    assert problem.reason.startswith("Slice 1 is left empty. ")
    assert problem.reason.endswith(".")
