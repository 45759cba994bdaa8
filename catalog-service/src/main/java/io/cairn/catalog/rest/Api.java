package io.cairn.catalog.rest;

import jakarta.ws.rs.ApplicationPath;
import jakarta.ws.rs.core.Application;
import org.eclipse.microprofile.openapi.annotations.OpenAPIDefinition;
import org.eclipse.microprofile.openapi.annotations.info.Info;

/** The root of the API. */
@ApplicationPath(Api.ROOT)
@OpenAPIDefinition(
        info =
                @Info(
                        title = "Cairn catalog",
                        version = "1",
                        description =
                                "The record of everything: clusters, backups, runs. Errors are RFC 9457"
                                        + " problem+json with a stable code and a hint."))
public class Api extends Application {

    public static final String ROOT = "/api/v1";
}
