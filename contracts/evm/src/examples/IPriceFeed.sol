// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title How contracts read a price
/// @notice The functions, their order and their types are those of the widely used interface AggregatorV3, so that a
/// contract that reads such feeds reads this one.
interface IPriceFeed {
    /// @notice How many of an answer's decimal digits stand behind the point.
    function decimals() external view returns (uint8);

    /// @notice What is priced, and in what, such as "ETH / USD".
    function description() external view returns (string memory);

    /// @notice The version of this contract's code.
    function version() external view returns (uint256);

    /// @notice One round.
    /// @return roundId The round that was asked for.
    /// @return answer The price, above 0.
    /// @return startedAt When the sources were asked, in seconds since 1970.
    /// @return updatedAt The same: a price is as old as what it was made of, however long its settlement took.
    /// @return answeredInRound The same as `roundId`.
    function getRoundData(uint80 roundId)
        external
        view
        returns (uint80, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound);

    /// @notice The newest round, however old it is: compare `updatedAt` with the age that you bear.
    function latestRoundData()
        external
        view
        returns (uint80 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound);
}
