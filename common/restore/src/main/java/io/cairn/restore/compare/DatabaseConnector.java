package io.cairn.restore.compare;

import java.sql.Connection;
import java.sql.SQLException;

/** Connects to a database of one server. */
@FunctionalInterface
public interface DatabaseConnector {

    Connection connect(String database) throws SQLException;
}
