"""Mobile users: the plan's total shared out by residents, more of them in towns than in villages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from sample_gis.shapes.locating import containing
from sample_gis.shares import apportion, apportion_within

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sample_gis.city import City

#: Subscriptions of a resident against the mean, in towns and in villages; synthetic.
IN_TOWN, IN_VILLAGES = 1.1, 0.92


def users_of_buildings(city: City) -> NDArray[np.int64]:
    """Return the mobile users who live in each building.

    Returns
    -------
    ndarray of int, shape (buildings,)
        They add up to the profile's figure, and within each community to `users_of_communities`.
    """
    home = _home(city)
    return apportion_within(users_of_communities(city), city.residents.to_numpy(), home)


def users_of_communities(city: City) -> NDArray[np.int64]:
    """Return the mobile users of each community, in the order of ``city.communities``."""
    home, residents = _home(city), city.residents.to_numpy()
    known = home >= 0
    people = np.bincount(home[known], residents[known], minlength=len(city.communities))
    factor = np.where(city.communities["urban"].to_numpy(dtype=bool), IN_TOWN, IN_VILLAGES)
    return apportion(city.profile.count("mobile_users"), people * factor)


def _home(city: City) -> NDArray[np.int64]:
    """Return the row of the community of each building, -1 for none."""
    middles = shapely.get_coordinates(shapely.centroid(city.buildings.geometry.to_numpy()))
    return containing(city.communities.geometry.to_numpy(), middles)
