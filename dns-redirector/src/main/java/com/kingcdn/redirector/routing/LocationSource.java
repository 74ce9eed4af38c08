package com.kingcdn.redirector.routing;

/** Where a client's place comes from. */
public enum LocationSource {
    /** The geo database knows its network. */
    GEO_DATABASE,
    /** It is taken to stand where the cluster does whose coverage holds it. */
    COVERAGE,
    /** Its place is not known. */
    NONE
}
