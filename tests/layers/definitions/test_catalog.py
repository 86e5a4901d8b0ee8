"""The catalogue that comes with the product: complete, in two languages, true to the lists of the views."""

import re
from itertools import chain

import pytest

from layers.definitions.document import document
from layers.definitions.field import FieldType
from layers.definitions.layer import GeometryFamily
from layers.definitions.loading import CATALOG, CODE_LISTS, read_catalog
from layers.scope import Classification

CORE_LAYERS = (
    "regions extents communities unit_grids governance_grids buildings roads railways water addresses "
    "place_names key_places cameras base_stations sectors poles towers pipes pipe_nodes sensors incidents "
    "parts emergency_resources emergency_supplies shelters hazards hazard_areas vehicles population "
    "region_statistics legal_entities green_and_public_space outdoor_ads neighbour_units sensor_daily_values "
    "police_posts checkpoints patrol_routes pollution_sources parking_lots fire_units"
)

# Part 3 of the list of views: what each core layer must not forget.
PART_3 = {
    "cameras": "device_id tier owner_department using_departments share_grade build_mode networked online"
    " online_changed_at capabilities high_point infrared_range_m stream_reference pole_code",
    "key_places": "class target_geometry required_task minimum_share register_version",
    "base_stations": "operator sharing_operators tower_owner counting_unit build_mode commissioned_on"
    " host_kind host_code",
    "sectors": "band frequency_mhz bandwidth_mhz subcarrier_spacing_khz duplex azimuth_deg"
    " mechanical_tilt_deg electrical_tilt_deg height_m power_dbm",
    "poles": "modules owner free_slots power backhaul multi_use",
    "roads": "class ref name opened_on width_m",
    "pipes": "medium diameter_mm material laid_on design_life_years start_depth_m end_depth_m start_invert_m"
    " end_invert_m height_datum pressure_level owner accuracy_class flow_direction",
    "pipe_nodes": "medium diameter_mm material laid_on design_life_years depth_m invert_m height_datum"
    " pressure_level owner accuracy_class",
    "sensors": "device_id domain scenario department carrier_kind carrier_code object_layer object_code"
    " last_value last_time online",
    "incidents": "class_code channel occurred_at reported_at filed_at dispatched_at handled_at verified_at"
    " closed_at deadline_at responsible_unit grid_code sensitive",
    "hazards": "kind grade substance impact_radius_m impact_radius_source online enterprise_code",
}

# Part 2: the rows that are core layers too.
PART_2 = {
    "extents": "kind as_of legal_basis stated_area_km2",
    "unit_grids": "area_m2 boundary_kind",
    "governance_grids": "kind community_code grid_leader_role worker_count households residents",
    "neighbour_units": "level parent_code chief_role households",
    "addresses": "full_text division street number building unit building_code precision_class"
    " coding_standard",
    "place_names": "name aliases pinyin initials kind",
    "legal_entities": "credit_code industry scale supervised_by risk_class",
    "region_statistics": "indicator year value unit definition",
    "railways": "name class",
    "towers": "height_m owner tenants free_slots power structure",
    "hazard_areas": "kind risk_class scenario",
    "emergency_supplies": "store_code item_code quantity unit minimum expires_on",
    "shelters": "kind capacity area_m2 state open_to_public",
}

# Columns that the analyses read by these names.
ANALYSES = {
    "cameras": "azimuth_deg view_angle_deg pixels_horizontal height_m tilt_deg kind online range_m",
    "buildings": "height_m floors use built name",
    "sectors": "site_code technology pattern",
    "pipes": "from_node to_node",
    "pipe_nodes": "kind ground_level_m",
    "roads": "oneway",
    "regions": "system level parent_code code_prefix name short_name legal",
}

KEY_PLACES = (
    "城郊结合部 老旧小区 小区出入口 交通枢纽 学校 景点 医院 市政公共场所 公安检查站 特种行业 公共复杂场所 "
    "主要公共区域 街道 治安保卫重点单位及周边 治安复杂区域 交通路口 县域出入口 人员密集区 工业园区"
)


@pytest.fixture(scope="module")
def catalog():
    return read_catalog()


def test_every_core_layer_is_there(catalog):
    assert set(CORE_LAYERS.split()) - set(catalog.layers) == set()


def test_every_file_is_a_layer_or_a_code_list_of_its_name(catalog):
    assert {path.name for path in CATALOG.iterdir()} == {f"{name}.yaml" for name in catalog.layers}
    assert {path.name for path in CODE_LISTS.iterdir()} == {f"{name}.yaml" for name in catalog.code_lists}


@pytest.mark.parametrize(
    ("layer", "fields"),
    [
        pytest.param(layer, fields.split(), id=f"{part}-{layer}")
        for part, table in (("part3", PART_3), ("part2", PART_2), ("analyses", ANALYSES))
        for layer, fields in table.items()
    ],
)
def test_the_fields_that_views_and_analyses_need_are_in_the_catalogue(catalog, layer, fields):
    assert set(fields) - set(catalog.layer(layer).field_names) == set()


def test_the_table_of_fields_names_every_layer_that_the_list_of_views_names(test_data):
    path = test_data.parent / "requirements" / "views.md"
    if not path.exists():
        pytest.skip("the list of views does not lie beside the test data")
    rows = path.read_text(encoding="utf-8").split("\n## 3. ")[1].splitlines()
    named = {
        name
        for row in rows
        if row.startswith("| ") and not row.startswith("| layer")
        for name in row.split("|")[1].replace(" ", "").split(",")
    }
    assert named == set(PART_3)


def test_the_classes_of_key_places_are_those_of_the_plans_in_their_words(catalog):
    codes = catalog.code_lists["key_place_class"].codes
    assert [code.title.zh for code in codes] == KEY_PLACES.split()


def test_planned_and_the_other_states_are_those_of_the_design(catalog):
    assert catalog.code_lists["status"].values == (
        "planned", "building", "in_service", "fault", "out_of_service", "removed",
    )  # fmt: skip


def test_device_identifiers_are_unique_in_every_layer_that_has_them(catalog):
    fields = [f for layer in catalog.layers.values() for f in layer.fields if f.name == "device_id"]
    assert len(fields) == 3
    assert all(field.unique for field in fields)


def test_a_camera_identifier_that_breaks_the_standard_is_not_refused(catalog):
    field = catalog.layer("cameras").field("device_id")
    assert (field.pattern, field.required) == (None, False)


def test_zero_is_a_direction(catalog):
    for layer in ("cameras", "sectors"):
        field = catalog.layer(layer).field("azimuth_deg")
        assert field.range == (0, 360)
        assert not field.required


@pytest.mark.parametrize(
    ("classification", "layers"),
    [
        (
            Classification.RESTRICTED,
            "cameras pipes pipe_nodes sectors towers hazards police_posts checkpoints patrol_routes",
        ),
        (
            Classification.PUBLIC,
            "counties towns communities buildings roads railways water green_and_public_space place_names"
            " parking_lots",
        ),
    ],
)
def test_only_the_named_layers_are_restricted_or_public(catalog, classification, layers):
    found = {name for name, layer in catalog.layers.items() if layer.classification is classification}
    assert found == set(layers.split())


def test_no_field_names_a_person(catalog):
    person = re.compile(r"(^|_)(person|phone|id_card|surname|owner_name|contact)($|_)")
    named = [
        f"{layer.name}.{field.name}"
        for layer in catalog.layers.values()
        for field in layer.fields
        if person.search(field.name)
    ]
    assert named == []


def test_both_languages_are_there_and_differ(catalog):
    titles = [
        *((layer.name, layer.title) for layer in catalog.layers.values()),
        *((layer.name, layer.description) for layer in catalog.layers.values()),
        *((f"{la.name}.{f.name}", f.title) for la in catalog.layers.values() for f in la.fields),
        *((f"{c.name}.{code.code}", code.title) for c in catalog.code_lists.values() for code in c.codes),
        *((c.name, c.title) for c in catalog.code_lists.values()),
    ]
    chinese = re.compile("[\u4e00-\u9fff]")
    # Names of technologies are the same word everywhere: 5G, NB-IoT, LoRa.
    wrong = [
        name
        for name, words in titles
        if chinese.search(words.en) or not (chinese.search(words.zh) or words.zh == words.en)
    ]
    assert wrong == []


def test_numbers_in_a_name_with_a_unit_have_that_unit(catalog):
    endings = {"_m": "m", "_mm": "mm", "_m2": "m²", "_km2": "km²", "_deg": "°", "_dbm": "dBm", "_mhz": "MHz",
               "_khz": "kHz", "_kmh": "km/h", "_t": "t", "_years": "a", "_minutes": "min"}  # fmt: skip
    for layer in catalog.layers.values():
        for field in layer.fields:
            ending = "_" + field.name.rsplit("_", 1)[-1]
            if (
                "_" in field.name
                and ending in endings
                and field.type in (FieldType.NUMBER, FieldType.INTEGER)
            ):
                assert field.unit == endings[ending], f"{layer.name}.{field.name}"


def test_areas_that_cover_the_base_map_are_off_when_the_map_opens(catalog):
    visible = {n for n, la in catalog.layers.items() if la.style is not None and la.style.visible}
    assert visible == {
        "counties", "towns", "communities", "green_and_public_space", "water", "railways", "roads",
        "buildings", "place_names", "cameras", "base_stations",
    }  # fmt: skip


def test_no_two_layers_share_a_drawing_order(catalog):
    orders = [layer.style.order for layer in catalog.layers.values() if layer.style is not None]
    assert len(orders) == len(set(orders))


def test_dense_layers_have_no_tiles_at_small_zooms(catalog):
    first = {"buildings": 13, "addresses": 16, "incidents": 12, "parts": 12, "unit_grids": 14, "pipes": 11}
    assert {name: catalog.layer(name).zoom.min for name in first} == first


def test_layers_without_geometry_join_by_code_or_region(catalog):
    bare = {n for n, la in catalog.layers.items() if la.geometry is GeometryFamily.NONE}
    assert bare == {"emergency_supplies", "region_statistics", "sensor_daily_values"}


def test_parts_of_regions_name_rows_that_the_region_lists_know(catalog):
    parts = {part.name for part in catalog.parts_of("regions")}
    assert parts == {
        "counties", "towns", "communities", "unit_grids", "governance_grids", "neighbour_units",
    }  # fmt: skip
    assert all(catalog.layer(part).table == "regions" for part in parts)


def test_every_code_list_is_used(catalog):
    used = {field.codes for field in chain.from_iterable(la.fields for la in catalog.layers.values())}
    assert set(catalog.code_lists) - used == {"status", "provenance", "layer_groups"}


def test_the_reference_page_is_up_to_date(catalog):
    page = CATALOG.parent.parent / "docs" / "layers.md"
    assert page.read_text(encoding="utf-8") == document(catalog), (
        "run: python -m layers.definitions.document > docs/layers.md"
    )
