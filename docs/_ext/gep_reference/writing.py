"""Writes the generated pages: `reference/` from the declarations, `tutorials/` from the notebooks."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from gep.core.catalog import service_ids
from gep_reference import catalogue, pages_of_code, pages_of_codes, pages_of_data, pages_of_stocks


def pages() -> Mapping[str, str]:
    """Every page of the reference, by its path below `reference/`."""
    found = {
        "index.md": pages_of_code.index(),
        "layers.md": pages_of_code.layers_page(),
        "items.md": pages_of_code.items_page(),
        "money.md": pages_of_code.money_page(),
        "unproved.md": pages_of_code.unproved(),
        "classes.md": pages_of_data.classes_page(),
        "overlaps.md": pages_of_data.overlaps_page(),
        "study_inputs.md": pages_of_data.study_inputs_page(),
        "codes.md": pages_of_codes.codes_page(),
        "units.md": pages_of_data.units_page(),
        "sources.md": pages_of_data.sources_page(),
        "products.md": pages_of_data.products_page(),
        "derivations/index.md": pages_of_code.derivation_index(),
        "stocks/index.md": pages_of_stocks.stock_index(),
        "coefficients/index.md": pages_of_data.coefficient_index(),
        "profiles/index.md": pages_of_data.profile_index(),
        "tables/index.md": pages_of_data.other_index(),
    }
    found |= {f"services/{service}.md": pages_of_code.service_page(service) for service in service_ids()}
    found |= {
        f"derivations/{name}.md": pages_of_code.derivation_page(name, module)
        for name, module in pages_of_code.derivation_groups().items()
    }
    found |= {
        f"stocks/{name}.md": pages_of_stocks.stock_page(name, module)
        for name, module in pages_of_stocks.stock_groups().items()
    }
    found |= {
        f"profiles/{name}.md": pages_of_data.profile_page(profile) for name, profile in catalogue.profiles().items()
    }
    found |= {
        f"coefficients/{folder}/index.md": pages_of_data.coefficient_folder(folder)
        for folder in pages_of_data.coefficient_folders()
    }
    found |= {
        f"coefficients/{table.folder}/{table.name}.md": pages_of_data.coefficient_page(table)
        for table in catalogue.coefficient_tables()
    }
    return found | {
        f"tables/{catalogue.below_data(path)}.md": pages_of_data.other_page(path) for path in catalogue.other_tables()
    }


def write(docs: Path) -> Sequence[str]:
    """Write what has changed, delete what is no longer made, and give the problems of the data."""
    made = {docs / "reference" / name: text.encode() for name, text in pages().items()}
    notebooks = sorted((docs.parent / "notebooks").glob("*.ipynb"))
    made |= {docs / "tutorials" / path.name: path.read_bytes() for path in notebooks}
    for path, content in made.items():
        if not path.is_file() or path.read_bytes() != content:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    for folder in (docs / "reference", docs / "tutorials"):
        for path in folder.rglob("*"):
            if path.is_file() and path not in made:
                path.unlink()
        for path in sorted((p for p in folder.rglob("*") if p.is_dir() and not any(p.iterdir())), reverse=True):
            shutil.rmtree(path)
    return pages_of_data.data_problems()
