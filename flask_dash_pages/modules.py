"""The modules of the page files of one DashPages, and those around them."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from collections.abc import Iterator
from os.path import abspath
from pathlib import Path
from types import ModuleType

from . import declarations
from . import discovery
from . import naming
from .imports import import_graph
from .imports import is_installed
from .owners import owners_of_modules
from .page import Guard


class PageModules:
    """What is known of modules.

    :param import_name: That of the app.
    :param root_path: That of the app.
    :param folder: The folder of the page files.
    :param roots: Further modules of the app itself.
    """

    def __init__(
        self, import_name: str, root_path: str, folder: Path | None, roots: set[str]
    ) -> None:
        self.roots = {import_name, import_name.partition(".")[0], *roots}
        #: The name of the package that the page files are modules of.
        self.package = ""
        self._import_name = import_name
        self._root_path = root_path
        self._files: dict[str, ModuleType] = {}
        #: The module that has the function of the shell.
        self.shell: str | None = None

        if folder is not None:
            self.package = ".".join(
                naming.module_package(
                    Path(root_path).resolve(), self._root_package(), folder
                )
            )

        #: The package itself. It has another name if another app has pages in a package
        #: of that name.
        self.claimed = self.package

    def claim(self, folder: Path) -> None:
        """Import the package that ``folder`` is the one of."""
        root = Path(self._root_path).resolve()
        self.claimed = discovery.claim_package(root, folder, self.package)

    def add(self, module: ModuleType) -> None:
        """Add the module of a page file."""
        self._files[self.page_name(module.__name__)] = module

    def get(self, name: str) -> ModuleType | None:
        """The module of the page file that has ``name`` in the registry."""
        return self._files.get(name)

    @property
    def files(self) -> list[str]:
        """The names of the modules of the page files."""
        return [module.__name__ for module in self._files.values()]

    @property
    def paths(self) -> set[str]:
        """The paths of the page files."""
        return {str(module.__file__) for module in self._files.values()}

    def page_name(self, module: str) -> str:
        """The name that ``module`` has in the registry."""
        if module.startswith(f"{self.claimed}."):
            return self.package + module[len(self.claimed) :]

        return module

    def is_in_folder(self, module: str) -> bool:
        """Whether ``module`` is in the folder of the page files."""
        return bool(self.claimed) and module.startswith(f"{self.claimed}.")

    def folder_guards(self, modules: Iterable[str]) -> tuple[Guard, ...]:
        """The guards of the folders that ``modules`` are in."""
        if not self.claimed:
            return ()

        return discovery.folder_guards(self.claimed, modules)

    def was_given_layout(self) -> bool:
        """Whether other code has set the layout of the package."""
        layout = getattr(sys.modules.get(self.claimed), "layout", None)
        own = {None, self.claimed}
        return layout is not None and getattr(layout, "__module__", None) not in own

    @property
    def of_app(self) -> set[str]:
        """The modules of the app itself and of the shell."""
        return {*self.roots, *filter(None, [self.shell])}

    @property
    def own(self) -> set[str]:
        """The names of the modules of the page files and the shell."""
        return {*self.files, *filter(None, [self.shell])}

    def reached(self, beyond: Iterable[str] = ()) -> set[str]:
        """The names of the modules of the app, of the own ones, and of what they
        import.

        :param beyond: Modules that do not count with what they import, if they are none
            of those.
        """
        starts = {*self.of_app, *self.files}
        stops = dict.fromkeys(set(beyond) - starts, ())
        owners = owners_of_modules(stops, starts, self.read_imports(starts))
        return {name for name, found in owners.items() if found}

    def read_imports(self, names: Iterable[str]) -> dict[str, list[str]]:
        """What modules, and those that they import, import."""
        modules = [sys.modules[name] for name in names if name in sys.modules]
        return import_graph(modules, self.is_of_project, self._known_imports)

    def _known_imports(self, module: ModuleType) -> Iterator[str]:
        """What ``module`` imports apart from what its source says."""
        declared = declarations.declared(module)

        if declared is not None:
            yield from declared.imported

        if self.page_name(module.__name__) in self._files:
            yield from discovery.folder_packages(self.claimed, [module.__name__])

    def is_of_project(self, module: ModuleType) -> bool:
        """Whether ``module`` was not installed from elsewhere."""
        if self.page_name(module.__name__) in self._files:
            return True

        file = getattr(module, "__file__", None)

        if not file:
            return False

        package = sys.modules.get(self._import_name.partition(".")[0])

        path = Path(abspath(file))
        folders = [self._root_path, *getattr(package, "__path__", ())]

        for folder in map(abspath, folders):
            if path.is_relative_to(folder):
                return not is_installed(path.relative_to(folder))

        return not is_installed(path)

    def _root_package(self) -> str:
        """The package that the app's ``root_path`` is the folder of, or an empty
        string.
        """
        module = sys.modules.get(self._import_name)

        if hasattr(module, "__path__"):
            name = self._import_name
        elif self._import_name == "__main__":
            name = getattr(getattr(module, "__spec__", None), "parent", "")
        else:
            name = self._import_name.rpartition(".")[0]

        # What is in sys.path may have been written in any way.
        folders = map(abspath, getattr(sys.modules.get(name), "__path__", ()))
        return name if abspath(self._root_path) in folders else ""
