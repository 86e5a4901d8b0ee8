"""What kind of place a name tells of: the last words of a name say it."""

from __future__ import annotations

# The first ending that fits decides; the codes are those of the list `place_name_kind`.
ENDINGS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("school", ("小学", "中学", "幼儿园", "学校")),
    ("hospital", ("医院", "卫生院", "卫生服务中心", "卫生服务站", "保健院")),
    ("market", ("市场", "家居城", "商业街", "超市", "商场")),
    ("station", ("汽车站", "客运站", "火车站")),
    ("park", ("公园", "广场", "游园")),
    ("enterprise", ("公司", "木业", "家居", "板材", "家具", "建材", "包装", "供电所", "厂")),
    ("government", ("政府", "局", "法院", "办事处", "派出所", "司法所", "政务服务中心", "检察院")),
)


def kind_of(name: str, otherwise: str = "building") -> str:
    """Return the kind of place that a name tells of.

    Examples
    --------
    >>> kind_of("叶集区人民医院"), kind_of("汽车客运站"), kind_of("文化站")
    ('hospital', 'station', 'building')
    """
    stem = name.rstrip("0123456789号")
    return next((kind for kind, endings in ENDINGS if stem.endswith(endings)), otherwise)
